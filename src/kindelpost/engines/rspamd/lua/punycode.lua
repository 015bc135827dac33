-- What an internationalized label shows (RFC 3492 §6.2): the part after `xn--` into UTF-8, or nil where it is no such label.

local punycode = {}

local BASE, LOW, HIGH, SKEW, DAMP, FIRST = 36, 1, 26, 38, 700, 128

local function adapt(delta, points, first)
  delta = math.floor(delta / (first and DAMP or 2))
  delta = delta + math.floor(delta / points)
  local k = 0
  while delta > (BASE - LOW) * HIGH / 2 do
    delta, k = math.floor(delta / (BASE - LOW)), k + BASE
  end
  return k + math.floor((BASE - LOW + 1) * delta / (delta + SKEW))
end

local function utf8(point)
  if point < 0x80 then
    return string.char(point)
  elseif point < 0x800 then
    return string.char(0xC0 + math.floor(point / 64), 0x80 + point % 64)
  elseif point < 0x10000 then
    return string.char(0xE0 + math.floor(point / 4096), 0x80 + math.floor(point / 64) % 64, 0x80 + point % 64)
  end
  local last = { 0x80 + math.floor(point / 4096) % 64, 0x80 + math.floor(point / 64) % 64, 0x80 + point % 64 }
  return string.char(0xF0 + math.floor(point / 262144), unpack(last))
end

local function digit(char)
  local byte = char:lower():byte() or 0
  return byte >= 97 and byte <= 122 and byte - 97 or byte >= 48 and byte <= 57 and byte - 22 or nil
end

-- One generalized variable-length integer from `at` on: the sum and the position after it, or nil.
local function integer(text, at, i, bias)
  local weight, k = 1, BASE
  while true do
    local value = digit(text:sub(at, at))
    if not value then
      return nil
    end
    i, at = i + value * weight, at + 1
    local threshold = k <= bias and LOW or math.min(k - bias, HIGH)
    if value < threshold then
      return i, at
    end
    weight, k = weight * (BASE - threshold), k + BASE
  end
end

function punycode.decode(text)
  local basic, rest = text:match('^(.*)%-([^-]*)$')
  local points = {}
  for char in (basic or ''):gmatch('.') do
    points[#points + 1] = char:byte()
  end
  rest = rest or text
  local point, i, bias, at = FIRST, 0, 72, 1
  while at <= #rest do
    local before = i
    i, at = integer(rest, at, i, bias)
    if not i then
      return nil
    end
    bias = adapt(i - before, #points + 1, before == 0)
    point = point + math.floor(i / (#points + 1))
    i = i % (#points + 1)
    if point > 0x10FFFF then
      return nil
    end
    table.insert(points, i + 1, point)
    i = i + 1
  end
  local out = {}
  for _, each in ipairs(points) do
    out[#out + 1] = utf8(each)
  end
  return table.concat(out)
end

return punycode
