-- P3.4: links that hide in the QR code of an image. Each image of mail from outside is shown to our scanner (engines/images);
-- a link that it finds is given to Rspamd, whose rules then know it as any other. While the scanner does not answer, mail with
-- images waits (P3.7).

local rspamd_logger = require 'rspamd_logger'
local rspamd_url = require 'rspamd_url'
local rspamd_util = require 'rspamd_util'
local tcp = require 'rspamd_tcp'
local address = require 'kindelpost.address'
local door = require 'kindelpost.door'
local facts = require 'kindelpost.facts'

local qr = {}

local MOST = 100 -- images of one message
local TRIES = 2
local SMALLEST = 21 -- pixels: the smallest code has as many modules a side (ISO/IEC 18004)
local PICTURES = { png = true, jpg = true, jpeg = true, jfif = true, gif = true, webp = true, bmp = true }

local function picture(part)
  if part:is_multipart() or part:get_length() == 0 then
    return false
  end
  local kind, sub = part:get_type()
  kind, sub = (kind or ''):lower(), (sub or ''):lower()
  local extension = (part:get_filename() or ''):lower():match('%.(%w+)%s*$')
  local image = part:is_image() and part:get_image()
  if image and image:get_width() > 0 and (image:get_width() < SMALLEST or image:get_height() < SMALLEST) then
    return false
  end
  return part:is_image() or kind == 'image' and sub ~= 'svg+xml' or PICTURES[extension or '']
end

-- The different images of a message: those that are attached, and those that stand in the text itself (RFC 2397).
local function pictures(task)
  local found, known = {}, {}
  local function add(content)
    local key = tostring(content)
    if not known[key] then
      known[key] = true
      found[#found + 1] = content
    end
  end
  for _, part in ipairs(task:get_parts() or {}) do
    local _, sub = part:get_type()
    if picture(part) then
      add(part:get_content())
    elseif (sub or ''):lower() == 'html' then
      for encoded in tostring(part:get_content()):gmatch('data:image/%w+;base64,%s*([%w+/=%s]+)') do
        add(rspamd_util.decode_base64(encoded))
      end
    end
  end
  return found
end

-- The host of the link that a code's text is to a telephone's camera, or nil.
local function host(text)
  local rest = text:match('^[Hh][Tt][Tt][Pp][Ss]?://(%S+)$') or text:match('^([%w-]+%.%a[%w.-]*[/?:]?%S*)$')
  local authority = rest and rest:match('^[^/?#\\]+')
  return authority and authority:gsub('^.*@', ''):gsub(':%d*$', ''):gsub('%.$', ''):lower()
end

local function known_before(task)
  local found = {}
  for _, url in ipairs(task:get_urls() or {}) do
    found[address.organization((url:get_host() or ''):lower())] = true
  end
  return found
end

local function take(task, hidden, answer)
  for text in answer:gmatch('\n([^\n]+)') do
    local name = host(text)
    local url = name and rspamd_url.create(task:get_mempool(), text) -- nil where its suffix is on no list
    if url then
      task:inject_url(url)
    end
    hidden[#hidden + 1] = name and address.organization(name)
  end
end

local function ask(task, content, tries, done)
  tcp.request({
    task = task,
    host = facts.images,
    port = 0,
    timeout = facts.scan_timeout_s / 2,
    data = { rspamd_util.pack('>I4', #content), content },
    stop_pattern = '\0',
    callback = function(err, data)
      local answer = data and tostring(data):gsub('%z', '') or ''
      if (err or not answer:find('^%u+')) and tries > 1 then
        ask(task, content, tries - 1, done)
      else
        done(err, answer)
      end
    end,
  })
end

local function defer(task, why)
  rspamd_logger.errx(task, 'qr: deferred: %s', why)
  local message = 'The scanner of images does not answer, try again later'
  task:set_pre_result({ action = 'soft reject', message = message, module = 'kindelpost', priority = 100 })
end

local function scan(task, list, at, hidden)
  if not list[at] then
    task:cache_set('kindelpost_qr', table.concat(hidden, ' '))
    return
  end
  ask(task, list[at], TRIES, function(err, answer)
    if not err and answer:find('^OK') then
      take(task, hidden, answer)
      scan(task, list, at + 1, hidden)
    elseif not err and answer:find('^LIMIT') then
      task:cache_set('kindelpost_qr_limit', answer)
      scan(task, list, at + 1, hidden)
    else
      defer(task, (err or '') .. answer)
    end
  end)
end

-- Prefilter: the rules for links must find what the codes hold.
function qr.scan(task)
  if door.of(task) ~= 'mx' then
    return
  end
  local list = pictures(task)
  if #list > MOST then
    task:cache_set('kindelpost_qr_limit', 'more images than are looked at')
    list[MOST + 1] = nil
  end
  if list[1] then
    task:cache_set('kindelpost_qr_known', known_before(task))
    scan(task, list, 1, {})
  end
end

-- The organizational domain that DMARC has proven, or nil.
local function proven(task)
  local pass = task:get_symbol('DMARC_POLICY_ALLOW')
  local domain = pass and pass[1] and (pass[1].options or {})[1]
  return domain and address.organization(domain) or nil
end

-- Normal: a link that stands in a code alone, and leads to another than the proven sender; or what could not be looked at.
function qr.check(task)
  local known, sender = task:cache_get('kindelpost_qr_known') or {}, proven(task)
  for domain in (task:cache_get('kindelpost_qr') or ''):gmatch('%S+') do
    if not known[domain] and domain ~= sender then
      task:insert_result('KP_QR', 1.0, domain)
      return
    end
  end
  if task:cache_get('kindelpost_qr_limit') then
    task:insert_result('KP_QR', 1.0, task:cache_get('kindelpost_qr_limit'))
  end
end

return qr
