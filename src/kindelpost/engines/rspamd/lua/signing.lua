-- DKIM with every selector of the From's domain (RSA and Ed25519, RFC 8463), and the ARC seal of what is forwarded (P5.10).
-- Both are Rspamd's own modules; these are their `sign_condition`: the list of keys to sign with, or nothing.

local door = require 'kindelpost.door'
local facts = require 'kindelpost.facts'
local address = require 'kindelpost.address'
local tenants = require 'kindelpost.tenants'

local signing = {}

local function going(task)
  local action = task:get_metric_action()
  return action ~= 'reject' and action ~= 'soft reject' and action ~= 'discard'
end

-- dkim_signing: only what the ownership rule found to be its author's own (P6.3).
function signing.dkim(task)
  local domain = task:cache_get('kindelpost_signer')
  if not domain or not going(task) then
    return nil
  end
  local selectors = tenants.selectors(domain)
  return selectors[1] and selectors or nil
end

-- arc: mail from outside to an address that forwards, sealed with the first selector of that address's domain (RSA: ARC knows
-- no other algorithm, RFC 8617 §4.1.2).
function signing.arc(task)
  if door.of(task) ~= 'mx' or not going(task) then
    return nil
  end
  for _, rcpt in ipairs(task:get_recipients('smtp') or {}) do
    local addr = (rcpt.addr or ''):lower()
    if tenants.forwards:get_key(addr) then
      return tenants.selectors(address.domain(addr))[1] or tenants.selectors(facts.hostname)[1]
    end
  end
  return nil
end

return signing
