-- What the publisher lets Rspamd know: hosted domains, who else owns an address, who forwards, who signs with what.
-- The maps are files; Rspamd reads a changed one again by itself.

local lua_maps = require 'lua_maps'
local address = require 'kindelpost.address'
local facts = require 'kindelpost.facts'

local tenants = {}

-- A name that the publisher writes into each map and nobody can own (RFC 2606 §2): a map without it has not been read.
local MARK = 'loaded.invalid'
local MAPS = {
  domains = { 'hosted_domains.map', 'set' },
  owners = { 'owners.map', 'map' },
  forwards = { 'forwards.map', 'set' },
  signing = { 'signing.map', 'map' },
}

-- Once, while the configuration is read. A map that cannot be opened is nil then; one that appears later is read later.
function tenants.load()
  for field, map in pairs(MAPS) do
    tenants[field] = lua_maps.map_add_from_ucl('file://' .. facts.maps .. '/' .. map[1], map[2], 'kindelpost ' .. map[1])
  end
end

-- The name of a map that this process has not read, or nil.
function tenants.missing()
  for field, map in pairs(MAPS) do
    if not tenants[field] or not tenants[field]:get_key(MARK) then
      return map[1]
    end
  end
  return nil
end

-- The hosted domain that `domain` is or lies under, or nil.
function tenants.hosted(domain)
  local name = domain:lower():gsub('%.$', '')
  while name and name ~= '' do
    if tenants.domains:get_key(name) then
      return name
    end
    name = name:match('^[^.]+%.(.+)$')
  end
  return nil
end

-- Whether `login` may use an address: its own, an alias it owns, or a live grant (P6.2), with any tag.
function tenants.owns(login, tagged)
  local addr = address.untagged(tagged)
  if addr == login then
    return true
  end
  local logins = tenants.owners:get_key(addr)
  for one in (logins or ''):gmatch('[^,%s]+') do
    if one:lower() == login then
      return true
    end
  end
  return false
end

-- The selectors of a signing domain, as {domain, selector, key} each; an empty list when it has none.
function tenants.selectors(domain)
  local found = {}
  local names = tenants.signing:get_key(domain)
  for selector in (names or ''):gmatch('[^,%s]+') do
    local key = string.format('%s/dkim/%s.%s.key', facts.maps, domain, selector)
    found[#found + 1] = { domain = domain, selector = selector, key = key }
  end
  return found
end

return tenants
