-- Which door a message came through, and who has logged in there.
-- Postfix names the door in the milter macro {daemon_name}; Rspamd's proxy hands that macro on as the request header MTA-Name
-- (3.4 and 3.12). Nobody but Postfix can reach the socket. An unknown door gets the stricter rules of its kind.

local rspamd_logger = require 'rspamd_logger'

local door = {}

local WITH_LOGIN = { submission = true, ['sieve-out'] = true }
local WITHOUT = { mx = true, ['local'] = true, ['forward-out'] = true }

local function name_of(task, login)
  local said = task:get_request_header('MTA-Name')
  said = said and tostring(said):lower() or ''
  if login == 'sieve-out' and said == 'sieve-out' then
    return said
  end
  if login then
    return 'submission'
  end
  if WITHOUT[said] then
    return said
  end
  if WITH_LOGIN[said] then
    rspamd_logger.warnx(task, 'door %s without a login is treated as mx', said)
  end
  return 'mx'
end

-- The door: mx, submission, sieve-out, forward-out or local.
function door.of(task)
  local known = task:cache_get('kindelpost_door')
  if not known then
    known = name_of(task, door.login(task))
    task:cache_set('kindelpost_door', known)
  end
  return known
end

-- The SASL login in lower case, or nil.
function door.login(task)
  local user = task:get_user()
  return user and user ~= '' and user:lower() or nil
end

-- The envelope sender in lower case; '' for the null sender.
function door.mail_from(task)
  local from = task:get_from({ 'smtp', 'orig' })
  return from and from[1] and (from[1].addr or ''):lower() or ''
end

return door
