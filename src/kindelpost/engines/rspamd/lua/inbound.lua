-- P6.7, inbound: mail from outside that claims a hosted domain (or one under it) without an aligned pass is refused,
-- whatever DNS says of it (T09, T12). Aligned: the domain that passed is the hosted domain, one under it, or one above it
-- within the same organizational domain; a sibling under a shared parent never is.

local rspamd_logger = require 'rspamd_logger'
local rspamd_util = require 'rspamd_util'
local address = require 'kindelpost.address'
local door = require 'kindelpost.door'
local partly = require 'kindelpost.partly'
local tenants = require 'kindelpost.tenants'

local inbound = {}

local function under(name, parent)
  return name == parent or name:sub(-#parent - 1) == '.' .. parent
end

local function aligned(passed, hosted)
  return under(passed, hosted) or (under(hosted, passed) and under(passed, tostring(rspamd_util.get_tld(hosted))))
end

-- The domains that passed: SPF's, and each DKIM signature's; and whether DNS failed us on the way.
local function passes(task)
  local found, broken = {}, task:has_symbol('R_SPF_DNSFAIL') or task:has_symbol('R_DKIM_TEMPFAIL')
  if task:has_symbol('R_SPF_ALLOW') then
    local mail_from = door.mail_from(task)
    found[#found + 1] = mail_from ~= '' and address.domain(mail_from) or (task:get_helo() or ''):lower()
  end
  for _, domain in ipairs(partly.whole(task)) do
    found[#found + 1] = domain
  end
  return found, broken
end

-- The hosted domains that the message claims: in From as strictly read, else in anything there that looks like an address.
local function claims(task)
  local texts, found = {}, {}
  local mail_from = door.mail_from(task)
  if mail_from ~= '' then
    texts[#texts + 1] = mail_from
  end
  for _, header in ipairs(task:get_header_full('From') or {}) do
    local one = address.only(header.value or '')
    for _, claim in ipairs(one and { one } or address.mentioned((header.value or '') .. ' ' .. (header.decoded or ''))) do
      texts[#texts + 1] = claim
    end
  end
  for _, claim in ipairs(texts) do
    local hosted = tenants.hosted(address.domain(claim))
    if hosted then
      found[hosted] = true
    end
  end
  return found
end

-- After SPF and DKIM.
function inbound.check(task)
  if door.of(task) ~= 'mx' then
    return
  end
  local passed, broken = passes(task)
  for hosted in pairs(claims(task)) do
    local proven = false
    for _, domain in ipairs(passed) do
      proven = proven or aligned(domain, hosted)
    end
    if not proven then
      local action = broken and 'soft reject' or 'reject'
      local message = broken and 'The proof of the sender cannot be looked up now, try again later'
        or string.format('%s is hosted here and this message is not proven to come from it', hosted)
      rspamd_logger.infox(task, 'inbound: %s: %s claimed without proof', action, hosted)
      task:insert_result('KP_INBOUND_FORGED', 1.0, hosted)
      task:set_pre_result({ action = action, message = message, module = 'kindelpost' })
      return
    end
  end
end

return inbound
