-- Fail closed (P3.7): a message that one of our rules could not judge waits with its sender (4xx), it never passes unjudged.
-- Rspamd itself only logs an error of a rule and goes on.

local rspamd_logger = require 'rspamd_logger'
local tenants = require 'kindelpost.tenants'

local guard = {}

local function defer(task, why)
  rspamd_logger.errx(task, 'guard: deferred: %s', why)
  task:insert_result('KP_GUARD', 1.0)
  task:set_pre_result({
    action = 'soft reject',
    message = 'The filter is not ready, try again later',
    module = 'kindelpost',
    priority = 100, -- above any verdict that was reached without the rule
  })
end

-- The rule `callback(task)`, whose error defers the message.
function guard.rule(name, callback)
  return function(task)
    local fine, said = pcall(callback, task)
    if not fine then
      defer(task, name .. ': ' .. tostring(said))
    end
  end
end

-- Prefilter, before all others: without the published maps no rule knows whose a name is.
function guard.maps(task)
  local missing = tenants.missing()
  if missing then
    defer(task, missing .. ' is not loaded')
  end
end

-- Postfilter: what a hosted domain's own author sends leaves with all of its signatures or not at all (P5.2).
function guard.signatures(task)
  local domain = task:cache_get('kindelpost_signer')
  local action = task:get_metric_action()
  if not domain or not tenants.hosted(domain) or action == 'reject' or action == 'soft reject' or action == 'discard' then
    return
  end
  local wanted = #tenants.selectors(domain)
  local signed = task:get_symbol('DKIM_SIGNED')
  local made = signed and signed[1] and #(signed[1].options or {}) or 0
  if wanted == 0 or made < wanted then
    defer(task, string.format('%d of %d signatures for %s', made, wanted, domain))
  end
end

return guard
