-- DMARC as the practice rules it (P3.3): a failure at p=reject is refused when a second signal agrees, and goes to Junk when
-- none does (a forwarder or a mailing list may have broken an honest message, RFC 9989 §7.4); p=quarantine goes to Junk.

local rspamd_util = require 'rspamd_util'
local address = require 'kindelpost.address'
local door = require 'kindelpost.door'
local partly = require 'kindelpost.partly'

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
  return #partly.whole(task) > 0
end

-- The policy of a pass that rests on nothing but a signature of a part of the body (T14); else nil.
local function hollow(task)
  local pass = task:get_symbol('DMARC_POLICY_ALLOW')
  if not pass or not next(partly.signed(task)) then
    return nil
  end
  local domain, policy = (pass[1].options or {})[1] or '', (pass[1].options or {})[2] or ''
  local organization = tostring(rspamd_util.get_tld(domain))
  local proven = partly.whole(task)
  if task:has_symbol('R_SPF_ALLOW') then
    proven[#proven + 1] = address.domain(door.mail_from(task))
  end
  for _, name in ipairs(proven) do
    if tostring(rspamd_util.get_tld(name)) == organization then
      return nil
    end
  end
  return policy
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
  local policy = hollow(task)
  if task:has_symbol('DMARC_DNSFAIL') then
    -- A policy that cannot be looked up is not "no policy" (T36); the sender tries again.
    task:set_pre_result({
      action = 'soft reject',
      message = 'The DMARC policy of the sender cannot be looked up now, try again later',
      module = 'kindelpost',
    })
  elseif policy == 'reject' or task:has_symbol('DMARC_POLICY_REJECT') and second_signal(task) then
    task:set_pre_result({
      action = 'reject',
      message = 'The DMARC policy of the sender asks to refuse this message',
      module = 'kindelpost',
    })
  elseif policy or any(task, { 'DMARC_POLICY_REJECT', 'DMARC_POLICY_QUARANTINE' }) then
    task:set_pre_result({ action = 'add header', message = 'DMARC', module = 'kindelpost', flags = 'least' })
  end
end

return dmarc
