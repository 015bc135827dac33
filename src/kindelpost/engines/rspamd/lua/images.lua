-- QR codes in the images of a message (P3.4, T28): our own scanner reads them, the links are given to every rule that looks at links, and
-- a code that leads to another domain than the author's is scored. An image that nobody read defers the message (P3.7).

local rspamd_logger = require 'rspamd_logger'
local rspamd_url = require 'rspamd_url'
local rspamd_util = require 'rspamd_util'
local tcp = require 'rspamd_tcp'
local ucl = require 'ucl'
local address = require 'kindelpost.address'
local door = require 'kindelpost.door'
local facts = require 'kindelpost.facts'

local images = {}

local MOST, SMALLEST, SECONDS, TRIES = 20, 100, 20, 2

local function contents(task)
  local found = {}
  for _, part in ipairs(task:get_parts() or {}) do
    local kind = part:get_detected_type() or part:get_type()
    if #found < MOST and kind == 'image' and part:get_length() >= SMALLEST then
      found[#found + 1] = part:get_content()
    end
  end
  return found
end

local function ask(task, content, tries, done)
  tcp.request({
    task = task,
    host = facts.images,
    port = 0,
    timeout = SECONDS,
    data = { rspamd_util.pack('>I4', #content), content },
    stop_pattern = '\n',
    callback = function(err, data)
      if err and tries > 1 then
        ask(task, content, tries - 1, done)
      else
        done(err, data and tostring(data) or '')
      end
    end,
  })
end

local function author(task)
  local from = task:get_from('mime')
  local domain = from and from[1] and from[1].domain or ''
  return domain ~= '' and address.registrable(domain:lower()) or ''
end

local function leads(task, text)
  local host = text:match('^%a[%w+.-]*://([^/?#]+)') or text:match('^[Ww][Ww][Ww]%.[^/?#]+')
  if not host then
    return
  end
  local url = rspamd_url.create(task:get_mempool(), text) -- nil where the public suffix is unknown
  if url then
    task:inject_url(url)
  end
  host = host:gsub('^.*@', ''):gsub(':%d+$', ''):lower()
  if address.registrable(host) ~= author(task) then
    task:insert_result('KP_QR_ELSEWHERE', 1.0, host)
  end
end

-- One image after another: a message never takes more than one of the scanner's places.
local function scan(task, list, at)
  if not list[at] then
    task:cache_set('kindelpost_images', true)
    return
  end
  ask(task, list[at], TRIES, function(err, line)
    local parser = ucl.parser()
    local found = not err and parser:parse_string(line) and parser:get_object() or nil
    if type(found) ~= 'table' or not (found.texts or found.skipped) then
      rspamd_logger.errx(task, 'images: the scanner does not answer: %s %s', err or '', line)
      return
    end
    for _, text in ipairs(found.texts or {}) do
      leads(task, text)
    end
    if found.skipped then
      task:insert_result('KP_IMAGE_SKIPPED', 1.0, found.skipped)
    end
    scan(task, list, at + 1)
  end)
end

-- Filter: starts the reading of what came from outside; its end is marked only when every image was answered for.
function images.scan(task)
  if door.of(task) == 'mx' then
    scan(task, contents(task), 1)
  else
    task:cache_set('kindelpost_images', true)
  end
end

-- Postfilter: what was not looked at waits with its sender.
function images.verdict(task)
  local action = task:get_metric_action()
  if action == 'reject' or action == 'soft reject' or action == 'discard' or task:cache_get('kindelpost_images') then
    return
  end
  task:set_pre_result({
    action = 'soft reject',
    message = 'The image scanner does not answer, try again later',
    module = 'kindelpost',
  })
end

return images
