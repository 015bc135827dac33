"""The portal, a door: pages of the provider, of clients, of mailbox users, and the public page.

Serves M4 (the doors of sign-in), E3 (the practice with its evidence, shown) and every clause that a person looks at. A folder a
face: `public`, `people` (signing in and one's own security), `provider`, `client`;
`home` is where mailbox users arrive. Pages ask queries and call actions, which the command
line does alike; a page holds no rule of its own. Nothing comes from elsewhere: styles and scripts are in `static/`.
"""
