-- T16: what only we may say is taken off at every door: our verdict headers, and results in our own name (RFC 8601 §5).

local lua_mime = require 'lua_mime'
local facts = require 'kindelpost.facts'

local headers = {}

local OURS = { '^x%-spam', '^x%-virus', '^x%-rspamd' }

local function ours(name)
  for _, pattern in ipairs(OURS) do
    if name:lower():find(pattern) then
      return true
    end
  end
  return false
end

-- The authserv-id of a result: the first word that is neither comment nor space.
local function authserv_id(value)
  local text = value:gsub('%b()', ' ')
  return (text:match('^%s*"?([^%s;"]+)') or ''):lower()
end

-- Prefilter.
function headers.strip(task)
  local remove, results = {}, {}
  task:headers_foreach(function(name)
    if ours(name) then
      remove[name] = 0
    end
    return false
  end)
  for index, header in ipairs(task:get_header_full('Authentication-Results') or {}) do
    if authserv_id(header.value or '') == facts.hostname then
      results[#results + 1] = index
    end
  end
  if #results > 0 then
    -- Rspamd's milter takes one index or all (0): where several claim our name, every result goes.
    remove['Authentication-Results'] = #results == 1 and results[1] or 0
  end
  if next(remove) then
    lua_mime.modify_headers(task, { remove = remove })
  end
end

-- Rspamd writes MTA-Name, which is the door here, as authserv-id; our results (and ARC's) carry the host's name instead.
function headers.name_results()
  local lua_auth_results = require 'lua_auth_results'
  local original = lua_auth_results.gen_auth_results
  lua_auth_results.gen_auth_results = function(...)
    local text = original(...)
    return text and (text:gsub('^[^;]+', facts.hostname):gsub('%(%S+: ', '(' .. facts.hostname .. ': '))
  end
end

return headers
