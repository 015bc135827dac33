-- Reading one mailbox from the raw text of a From, Sender or Resent-* header, strictly (RFC 5322 §3.4, without groups).
-- What any reader could take for a second mailbox makes it unreadable: P6 refuses rather than guesses.

local rspamd_util = require 'rspamd_util'

local address = {}

local PLAIN = "^[%w!#$%%&'*+/=?^_`{|}~.-]+@[%w.-]+$"

-- The position after a quoted string or a nested comment that opens at `at`, or nil when it never ends.
local function past(text, at, close, open)
  local depth, i = 1, at + 1
  while i <= #text do
    local c = text:sub(i, i)
    if c == '\\' then
      i = i + 1
    elseif c == close then
      depth = depth - 1
      if depth == 0 then
        return i + 1
      end
    elseif c == open then
      depth = depth + 1
    end
    i = i + 1
  end
  return nil
end

local function trim(text)
  return (text:gsub('^%s+', ''):gsub('%s+$', ''))
end

-- The text without comments and quoted strings, and whether it had a quoted string; nil when one never ends.
local function bare(text)
  local out, i, quoted = {}, 1, false
  while i <= #text do
    local c = text:sub(i, i)
    if c == '"' then
      i, quoted = past(text, i, '"'), true
      out[#out + 1] = ' '
    elseif c == '(' then
      i = past(text, i, ')', '(')
      out[#out + 1] = ' '
    else
      out[#out + 1] = c
      i = i + 1
    end
    if not i then
      return nil
    end
  end
  return table.concat(out), quoted
end

-- The only mailbox in `raw`, in lower case; or nil and why there is no such one.
function address.only(raw)
  local text = raw:gsub('\r?\n([ \t])', '%1')
  if text:find('[%z\1-\8\10-\31\127]') then
    return nil, 'control characters'
  end
  local plain, quoted = bare(text)
  if not plain then
    return nil, 'an unfinished quote or comment'
  end
  if plain:find('[,;:]') then
    return nil, 'a group or more than one mailbox'
  end
  local phrase, inside, rest = plain:match('^([^<>]*)<([^<>]*)>([^<>]*)$')
  if inside then
    if trim(rest) ~= '' or phrase:find('@') then
      return nil, 'more than one mailbox'
    end
  elseif plain:find('[<>]') or quoted then
    return nil, 'a malformed mailbox'
  end
  local found = trim(inside or plain)
  if not found:match(PLAIN) or found:find('%.%.') or found:find('@%.') or found:find('%.$') then
    return nil, 'a malformed mailbox'
  end
  return found:lower()
end

-- Everything in `text` that a reader may take for an address, in lower case. Look-alikes of @ count as @ (U+FF20, U+FE6B).
function address.mentioned(text)
  local found = {}
  local plain = text:gsub('\239\188\160', '@'):gsub('\239\185\171', '@'):gsub('%s*@%s*(%S+%.%S)', '@%1')
  for word in plain:gmatch('[^%s<>()%[%]",;:\\]+@[^%s<>()%[%]",;:\\]+') do
    found[#found + 1] = word:lower():gsub("^['`.]+", ''):gsub("['`.]+$", '')
  end
  return found
end

-- The address without the tag after its first + (recipient_delimiter): mari+news@d is Mari's.
function address.untagged(addr)
  return (addr:gsub('^([^+@]+)%+[^@]*@', '%1@'))
end

-- The part after the last @, in lower case.
function address.domain(addr)
  return addr:match('@([^@]+)$') or ''
end

-- The organizational domain of a name in lower case. Rspamd gives a name under a suffix that is on no list back whole; the list's
-- own rule for such a one is that its last label is the suffix.
function address.organization(name)
  local below = 'x.' .. name
  local found = tostring(rspamd_util.get_tld(below))
  return found ~= below and found or name:match('[^.]+%.[^.]+$') or name
end

return address
