-- DMARC as the practice rules it (P3.3): a failure at p=reject is refused when a second signal agrees, and goes to Junk when
-- none does (a forwarder or a mailing list may have broken an honest message, RFC 9989 §7.4); p=quarantine goes to Junk.

local door = require 'kindelpost.door'

local dmarc = {}

local function any(task, symbols)
  for _, symbol in ipairs(symbols) do
    if task:has_symbol(symbol) then
      return true
    end
  end
  return false
end

local function valid_dkim(task)
  local trace = task:get_symbol('DKIM_TRACE')
  for _, option in ipairs(trace and trace[1] and trace[1].options or {}) do
    if option:match(':%+$') then
      return true
    end
  end
  return false
end

local function second_signal(task)
  return any(task, { 'R_SPF_FAIL', 'R_SPF_SOFTFAIL', 'R_SPF_NA' })
    and not valid_dkim(task)
    and not any(task, { 'ARC_ALLOW_TRUSTED', 'MAILLIST' })
end

-- Postfilter.
function dmarc.rule(task)
  if door.of(task) ~= 'mx' then
    return
  end
  if task:has_symbol('DMARC_DNSFAIL') then
    -- A policy that cannot be looked up is not "no policy" (T36); the sender tries again.
    task:set_pre_result({
      action = 'soft reject',
      message = 'The DMARC policy of the sender cannot be looked up now, try again later',
      module = 'kindelpost',
    })
  elseif task:has_symbol('DMARC_POLICY_REJECT') and second_signal(task) then
    task:set_pre_result({
      action = 'reject',
      message = 'The DMARC policy of the sender asks to refuse this message',
      module = 'kindelpost',
    })
  elseif any(task, { 'DMARC_POLICY_REJECT', 'DMARC_POLICY_QUARANTINE' }) then
    task:set_pre_result({ action = 'add header', message = 'DMARC', module = 'kindelpost', flags = 'least' })
  end
end

return dmarc
