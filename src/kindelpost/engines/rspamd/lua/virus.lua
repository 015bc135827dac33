-- Viruses (P3.1, P3.7-P3.9): clamd sees the raw message and each decoded attachment, so that two parsers must be fooled (T26).
-- Rspamd's own antivirus module is not used: it passes a message when clamd answers with an error (its callback breaks on any
-- reply without FOUND, 3.4 and 3.12). Here only an answer "OK" to every part is clean; everything else defers (4xx).

local rspamd_logger = require 'rspamd_logger'
local rspamd_util = require 'rspamd_util'
local tcp = require 'rspamd_tcp'
local lua_mime = require 'lua_mime'
local door = require 'kindelpost.door'
local facts = require 'kindelpost.facts'

local virus = {}

local MOST_PARTS = 100
local TRIES = 2

local function contents(task)
  local found = { task:get_content() }
  local complete = true
  for _, part in ipairs(task:get_parts() or {}) do
    if not part:is_multipart() and not part:is_text() and part:get_length() > 0 then
      if #found > MOST_PARTS then
        complete = false
      else
        found[#found + 1] = part:get_content()
      end
    end
  end
  return found, complete
end

local function ask(task, content, tries, done)
  tcp.request({
    task = task,
    host = facts.clamd,
    port = 0,
    timeout = facts.scan_timeout_s,
    data = { rspamd_util.pack('c9 c1 >I4', 'zINSTREAM', '\0', #content), content, rspamd_util.pack('>I4', 0) },
    stop_pattern = '\0',
    callback = function(err, data)
      if err and tries > 1 then
        ask(task, content, tries - 1, done)
      else
        done(err, data and tostring(data):gsub('%z', '') or '')
      end
    end,
  })
end

local function flag(task, name)
  task:insert_result('KP_VIRUS_LIMITS', 1.0, name)
  task:cache_set('kindelpost_limits', name)
end

local function refuse(task, name)
  task:insert_result('KP_VIRUS', 1.0, name)
  task:set_pre_result({ action = 'reject', message = 'virus found: ' .. name, module = 'kindelpost' })
end

-- One part after another: a message never takes more than one of clamd's threads.
local function scan(task, list, at)
  if not list[at] then
    task:cache_set('kindelpost_scanned', true)
    return
  end
  ask(task, list[at], TRIES, function(err, answer)
    local name = answer:match('stream: (.+) FOUND')
    if name and name:find('^Heuristics%.Limits%.Exceeded') then
      flag(task, name)
      scan(task, list, at + 1)
    elseif name then
      refuse(task, name)
    elseif not err and answer == 'stream: OK' then
      scan(task, list, at + 1)
    else
      rspamd_logger.errx(task, 'virus scan failed: %s %s', err or '', answer)
      task:insert_result('KP_VIRUS_UNSCANNED', 1.0)
    end
  end)
end

-- Filter: starts the scan; its end is marked only when every part was answered.
function virus.scan(task)
  local list, complete = contents(task)
  if not complete then
    flag(task, 'Heuristics.Limits.Exceeded.MaxParts')
  end
  scan(task, list, 1)
end

-- Postfilter: what was not scanned to the end is deferred; what was too large to scan whole is marked, or refused where its
-- sender is still there to mend it.
function virus.verdict(task)
  local action = task:get_metric_action()
  if action == 'reject' or action == 'soft reject' or action == 'discard' then
    return
  end
  if not task:cache_get('kindelpost_scanned') then
    task:set_pre_result({
      action = 'soft reject',
      message = 'The virus scanner does not answer, try again later',
      module = 'kindelpost',
    })
    return
  end
  local limit = task:cache_get('kindelpost_limits')
  if not limit then
    return
  end
  local where = door.of(task)
  if where == 'submission' or where == 'local' then
    local message = 'The message cannot be scanned whole (' .. limit .. '), send it in another form'
    task:set_pre_result({ action = 'reject', message = message, module = 'kindelpost' })
    return
  end
  lua_mime.modify_headers(task, { add = { ['X-Virus-Scan'] = { value = 'incomplete (' .. limit .. ')', order = 1 } } })
  task:set_pre_result({ action = 'add header', message = 'Not scanned whole', module = 'kindelpost', flags = 'least' })
end

return virus
