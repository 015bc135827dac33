-- P6, inside: a login may use an address only if it owns it, in the headers as in the envelope (T05, T06, T40).

local rspamd_logger = require 'rspamd_logger'
local address = require 'kindelpost.address'
local door = require 'kindelpost.door'
local facts = require 'kindelpost.facts'
local tenants = require 'kindelpost.tenants'

local ownership = {}

local OTHERS = { 'Sender', 'Resent-From', 'Resent-Sender' }

local function refuse(task, why)
  rspamd_logger.infox(task, 'ownership: refused at %s: %s', door.of(task), why)
  task:insert_result('KP_OWNERSHIP', 1.0, why)
  task:set_pre_result({ action = 'reject', message = why, module = 'kindelpost' })
end

local function headers(task, name)
  return task:get_header_full(name) or {}
end

-- The one mailbox of a header if `may(address)` allows it and everything in it that looks like an address; else nil, why.
local function allowed(header, name, may)
  local raw = header.value or ''
  local found, why = address.only(raw)
  if not found then
    return nil, string.format('%s has %s', name, why)
  end
  local decoded = header.decoded or ''
  if decoded:find('=%?.-%?[bBqQ]%?') then
    return nil, string.format('%s hides an encoded word in another', name)
  end
  if not may(found) then
    return nil, string.format('%s is an address that is not yours', name)
  end
  for _, text in ipairs({ raw, decoded }) do
    for _, mentioned in ipairs(address.mentioned(text)) do
      if not may(mentioned) then
        return nil, string.format('%s names an address that is not yours', name)
      end
    end
  end
  return found
end

-- The From address when every sender header passes `may`; else nil, why.
local function author(task, may)
  local from = headers(task, 'From')
  if #from ~= 1 then
    return nil, #from == 0 and 'From is missing' or 'more than one From'
  end
  local found, why = allowed(from[1], 'From', may)
  if not found then
    return nil, why
  end
  if #headers(task, 'Sender') > 1 then
    return nil, 'more than one Sender'
  end
  for _, name in ipairs(OTHERS) do
    for _, header in ipairs(headers(task, name)) do
      local _, fault = allowed(header, name, may)
      if fault then
        return nil, fault
      end
    end
  end
  return found
end

-- Submission: everything must be the login's own; the envelope too, whatever Postfix thought of it.
local function submission(task)
  local login = door.login(task)
  local function own(addr)
    return tenants.owns(login, addr)
  end
  local mail_from = door.mail_from(task)
  if mail_from ~= '' and not own(mail_from) then
    return nil, 'the envelope sender is not yours'
  end
  return author(task, own)
end

-- Local sendmail: nobody has logged in, so that no hosted name may be used but the machine's own.
local function from_machine(task)
  local function neutral(addr)
    local domain = address.domain(addr)
    return domain == facts.hostname or not tenants.hosted(domain)
  end
  local mail_from = door.mail_from(task)
  if mail_from ~= '' and not neutral(mail_from) then
    return nil, 'the envelope sender is a hosted address'
  end
  return author(task, neutral)
end

-- Sieve: a redirect keeps the envelope sender of the mail, an answer has its owner's. Mail of others goes on as it is, if it does
-- not use a hosted address; what is sent under a hosted address is held to its owner's rights in every header.
local function sieve(task)
  local mail_from = door.mail_from(task)
  if tenants.hosted(address.domain(mail_from)) then
    return author(task, function(addr)
      return tenants.owns(mail_from, addr)
    end)
  end
  for _, header in ipairs(headers(task, 'From')) do
    local one = address.only(header.value or '')
    local claims = one and { one } or address.mentioned((header.value or '') .. ' ' .. (header.decoded or ''))
    for _, claim in ipairs(claims) do
      local domain = address.domain(claim)
      if tenants.hosted(domain) and domain ~= facts.hostname then
        return nil, 'From is a hosted address and the envelope sender is not'
      end
    end
  end
  return ''
end

local RULES = { submission = submission, ['local'] = from_machine, ['sieve-out'] = sieve }

-- Prefilter: refuses what is not owned; remembers the domain that may sign what is (P6.3).
function ownership.check(task)
  local rule = RULES[door.of(task)]
  if not rule then
    return
  end
  local from, why = rule(task)
  if not from then
    refuse(task, why)
  elseif from ~= '' then
    task:cache_set('kindelpost_signer', address.domain(from))
  end
end

return ownership
