-- What no scanner can see whole is refused at every door (T26).

local rspamd_logger = require 'rspamd_logger'

local malformed = {}

-- A piece of a message (RFC 2046 §5.2.2) that the reader puts together again: no scanner sees the whole.
local function partial(task)
  for _, part in ipairs(task:get_parts() or {}) do
    local kind, sub = part:get_type()
    if kind and sub and kind:lower() == 'message' and sub:lower() == 'partial' then
      return true
    end
  end
  return false
end

-- Prefilter.
function malformed.check(task)
  if partial(task) then
    local why = 'Pieces of messages are not accepted'
    rspamd_logger.infox(task, 'malformed: refused: %s', why)
    task:insert_result('KP_MALFORMED', 1.0)
    task:set_pre_result({ action = 'reject', message = why, module = 'kindelpost' })
  end
end

return malformed
