-- How much one mailbox may send (P5.8, T24): by login at submission, by envelope sender for Sieve. Read by Rspamd's ratelimit
-- module as `custom_keywords`: functions of the task that give the bucket's key and its size, or nothing.

local door = require 'kindelpost.door'
local facts = require 'kindelpost.facts'

local function sender(task)
  local where = door.of(task)
  if where == 'submission' then
    return door.login(task)
  elseif where == 'sieve-out' then
    return door.mail_from(task)
  end
  return nil
end

return {
  sender = function(task)
    local who = sender(task)
    if not who or who == '' then
      return nil
    end
    return 'sender:' .. who, facts.limit
  end,
}
