-- One bid: at most once by the bidder's rising ids, the leader may not bid, the amount is at least the minimum; an
-- accepted bid is kept in a stream and published. KEYS: item, record, ids. ARGV: bidder, amount, id, unit.
local bidder, amount, id = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local last = redis.call('HGET', KEYS[3], bidder)
if last and tonumber(last) >= id then
  return {0, id, 'stale_id', 0}
end
local item = redis.call('HMGET', KEYS[1], 'unit', 'leader', 'minimum', 'increment')
if item[1] ~= ARGV[4] then
  return {0, id, 'closed', 0}
end
if item[2] == bidder then
  return {0, id, 'leading', 0}
end
if amount < tonumber(item[3]) then
  return {0, id, 'too_low', tonumber(item[3])}
end
redis.call('HSET', KEYS[1], 'leader', bidder, 'price', ARGV[2], 'minimum', amount + tonumber(item[4]))
redis.call('HSET', KEYS[3], bidder, ARGV[3])
local place = redis.call('XADD', KEYS[2], '*', 'bidder', bidder, 'amount', ARGV[2], 'id', ARGV[3], 'unit', ARGV[4])
redis.call('PUBLISH', 'bids', '{"type":"bid_accepted","seq":"' .. place .. '","item":"lamp","unit":' .. ARGV[4]
  .. ',"bidder":"' .. bidder .. '","amount":' .. ARGV[2] .. '}')
return {1, id, place}
