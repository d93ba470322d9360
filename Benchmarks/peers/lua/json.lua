-- JSON in Lua alone, for Envoy, whose Lua filter cannot load a C module. Null is nil, an empty list an empty table.
local find, sub, byte, char, concat = string.find, string.sub, string.byte, string.char, table.concat
local value

local escapes = { ['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }

local function utf8(code)
   if code < 0x80 then return char(code) end
   if code < 0x800 then return char(0xC0 + math.floor(code / 64), 0x80 + code % 64) end
   if code < 0x10000 then return char(0xE0 + math.floor(code / 4096), 0x80 + math.floor(code / 64) % 64, 0x80 + code % 64) end
   return char(0xF0 + math.floor(code / 262144), 0x80 + math.floor(code / 4096) % 64, 0x80 + math.floor(code / 64) % 64, 0x80 + code % 64)
end

-- The text that begins behind the quote at `at`, and where it ends.
local function text(source, at)
   local stop = find(source, '["\\]', at + 1)
   if byte(source, stop) == 34 then return sub(source, at + 1, stop - 1), stop + 1 end
   local parts, from = {}, at + 1
   while byte(source, stop) ~= 34 do
      parts[#parts + 1] = sub(source, from, stop - 1)
      local letter = sub(source, stop + 1, stop + 1)
      if letter == "u" then
         local code = tonumber(sub(source, stop + 2, stop + 5), 16)
         from = stop + 6
         if code >= 0xD800 and code < 0xDC00 then
            code = 0x10000 + (code - 0xD800) * 1024 + tonumber(sub(source, stop + 8, stop + 11), 16) - 0xDC00
            from = stop + 12
         end
         parts[#parts + 1] = utf8(code)
      else
         parts[#parts + 1] = escapes[letter] or error("a wrong escape")
         from = stop + 2
      end
      stop = find(source, '["\\]', from)
   end
   parts[#parts + 1] = sub(source, from, stop - 1)
   return concat(parts), stop + 1
end

local function object(source, at)
   local found, key = {}, nil
   at = find(source, "%S", at + 1)
   while byte(source, at) ~= 125 do
      key, at = text(source, at)
      at = find(source, ":", at, true)
      found[key], at = value(source, find(source, "%S", at + 1))
      at = find(source, "[^%s,]", at)
   end
   return found, at + 1
end

local function list(source, at)
   local found, count = {}, 0
   at = find(source, "%S", at + 1)
   while byte(source, at) ~= 93 do
      count = count + 1
      found[count], at = value(source, at)
      at = find(source, "[^%s,]", at)
   end
   return found, at + 1
end

value = function(source, at)
   local first = byte(source, at)
   if first == 34 then return text(source, at) end
   if first == 123 then return object(source, at) end
   if first == 91 then return list(source, at) end
   if first == 116 then return true, at + 4 end
   if first == 102 then return false, at + 5 end
   if first == 110 then return nil, at + 4 end
   local _, stop = find(source, "^%-?%d+%.?%d*[eE]?[-+]?%d*", at)
   return tonumber(sub(source, at, stop)), stop + 1
end

local quoted = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }
local function quote(letter) return quoted[letter] or string.format("\\u%04x", byte(letter)) end

local function write(parts, item)
   local kind = type(item)
   if kind == "string" then
      parts[#parts + 1] = find(item, '[%c"\\]') and '"' .. item:gsub('[%c"\\]', quote) .. '"' or '"' .. item .. '"'
   elseif kind == "number" then
      parts[#parts + 1] = string.format("%.14g", item)
   elseif kind ~= "table" then
      parts[#parts + 1] = tostring(item)
   elseif item[1] ~= nil then
      for i = 1, #item do
         parts[#parts + 1] = i == 1 and "[" or ","
         write(parts, item[i])
      end
      parts[#parts + 1] = "]"
   else
      local before = "{"
      for key, each in pairs(item) do
         parts[#parts + 1] = before .. '"' .. key .. '":'
         write(parts, each)
         before = ","
      end
      parts[#parts + 1] = before == "{" and "{}" or "}"
   end
end

return {
   decode = function(source) return (value(source, find(source, "%S"))) end,
   encode = function(item)
      local parts = {}
      write(parts, item)
      return concat(parts)
   end,
}
