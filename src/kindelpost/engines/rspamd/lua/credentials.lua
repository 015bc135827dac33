-- P3.4: mail from outside that asks for a password in a form of its own, in its text or in a page that is attached; and a link
-- that shows one domain and leads to another, where neither is proven to be the sender's.

local door = require 'kindelpost.door'
local tenants = require 'kindelpost.tenants'

local credentials = {}

local PAGES = { html = true, htm = true, shtml = true, xhtml = true, xht = true, svg = true }

local function page(part)
  local kind, sub = part:get_type()
  local mime = ((kind or '') .. '/' .. (sub or '')):lower()
  local extension = (part:get_filename() or ''):lower():match('%.(%w+)%s*$')
  return mime == 'text/html' or mime == 'application/xhtml+xml' or mime == 'image/svg+xml' or PAGES[extension or '']
end

local function character(base)
  return function(digits)
    local code = tonumber(digits, base)
    return code and code < 128 and string.char(code) or ' '
  end
end

-- Whether a page has a field for a password, in whatever way its attribute is written.
local function asks(content)
  for tag in content:gsub('%z', ''):lower():gmatch('<%s*input[^>]*') do
    local said = tag:gsub('&#x(%x+);?', character(16)):gsub('&#(%d+);?', character(10))
    if said:find('[%s/"\']type%s*=%s*["\']?%s*password') then
      return true
    end
  end
  return false
end

local function form(task)
  for _, part in ipairs(task:get_parts() or {}) do
    if not part:is_multipart() and page(part) and asks(tostring(part:get_content())) then
      return true
    end
  end
  return false
end

-- The hosted domain in a link's text, when its host is not of that domain; or nil.
local function elsewhere(text, host)
  for word in text:lower():gmatch('[%w-]+%.[%w.-]*%w') do
    local hosted = tenants.hosted(word)
    if hosted and tenants.hosted(host) ~= hosted then
      return hosted
    end
  end
  return nil
end

-- The hosted domain that a link shows, where it leads elsewhere; or nil.
local function disguised(task)
  local found
  for _, part in ipairs(task:get_text_parts() or {}) do
    local html = part:is_html() and part:get_html()
    if html then
      html:foreach_tag('a', function(tag)
        local url = tag:get_extra()
        found = found or url and elsewhere(tostring(tag:get_content()), url:get_host() or '')
        return false
      end)
    end
  end
  return found
end

-- Normal.
function credentials.check(task)
  if door.of(task) ~= 'mx' then
    return
  end
  local shown = not form(task) and disguised(task)
  if shown then
    task:insert_result('KP_CREDENTIALS', 1.0, shown)
  elseif shown == false then
    task:insert_result('KP_CREDENTIALS', 1.0, 'form')
  end
end

return credentials
