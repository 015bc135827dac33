-- T14: a DKIM signature whose l= ends before the body does signs nothing that matters, since anybody may add to the rest.

local partly = {}

-- The body's length as the signature counts it (RFC 6376 §3.4). get_rawbody() would have the empty line before it, too.
local function canonical_length(content, relaxed)
  local _, head = content:find('\r?\n\r?\n')
  local body = content:sub((head or #content) + 1)
  if relaxed then
    body = body:gsub('[ \t]+', ' '):gsub(' \r\n', '\r\n')
  end
  return #body:gsub('[\r\n]+$', '') + 2
end

local function tag(signature, name)
  return signature:match('^' .. name .. '=([^;]*)') or signature:match(';' .. name .. '=([^;]*)')
end

-- The signing domains, as keys, of the signatures that leave some of the body open.
function partly.signed(task)
  local found = {}
  for _, header in ipairs(task:get_header_full('DKIM-Signature') or {}) do
    local signature = (header.value or ''):gsub('%s', '')
    local length, domain = tonumber(tag(signature, 'l') or ''), tag(signature, 'd')
    if length and domain then
      local relaxed = (tag(signature, 'c') or 'simple/simple'):match('/relaxed$') ~= nil
      if length < canonical_length(tostring(task:get_content()), relaxed) then
        found[domain:lower()] = true
      end
    end
  end
  return found
end

-- The domains of DKIM signatures that hold for the whole message.
function partly.whole(task)
  local open, found = partly.signed(task), {}
  local trace = task:get_symbol('DKIM_TRACE')
  for _, option in ipairs(trace and trace[1] and trace[1].options or {}) do
    local domain = option:match('^(.+):%+$')
    if domain and not open[domain:lower()] then
      found[#found + 1] = domain:lower()
    end
  end
  return found
end

return partly
