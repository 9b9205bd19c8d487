import { parseJson } from '../../parse-json.ts';
import type { ChannelMember, Entered } from './channel-state.ts';

/**
 * What has to happen in one step, however many nodes do it at once. `KEYS`: the
 * connections of the channel with their users, the users with how many
 * connections, the users with what others are shown of them, the occupied
 * channels. A user is written with a `u` before it: an empty text is none.
 */

/** `ARGV`: socket, channel, user or nothing, what others are shown, users at most, whether all users are asked for. Answers `{'full'}`, or connections, whether the user is new, whether the socket is, all users. */
export const ENTER = `
  local known = 0
  local isHere = redis.call('HEXISTS', KEYS[1], ARGV[1])
  if ARGV[3] ~= '' then
    local user = string.sub(ARGV[3], 2)
    known = tonumber(redis.call('HGET', KEYS[2], user) or '0')
    if known == 0 and redis.call('HLEN', KEYS[2]) >= tonumber(ARGV[5]) then return {'full'} end
    if isHere == 0 then
      redis.call('HINCRBY', KEYS[2], user, 1)
      if known == 0 then redis.call('HSET', KEYS[3], user, ARGV[4]) end
    end
  end
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
  redis.call('SADD', KEYS[4], ARGV[2])
  local count = tostring(redis.call('HLEN', KEYS[1]))
  local isNew = tostring(1 - isHere)
  if ARGV[3] == '' then return {count, '0', isNew, {}} end
  local infos = ARGV[6] == '1' and redis.call('HGETALL', KEYS[3]) or {}
  return {count, known == 0 and '1' or '0', isNew, infos}`;

/** `ARGV`: socket, channel. Answers nothing when it was not in there, or the connections left and the user who is gone. */
export const LEAVE = `
  local given = redis.call('HGET', KEYS[1], ARGV[1])
  if not given then return nil end
  redis.call('HDEL', KEYS[1], ARGV[1])
  local count = redis.call('HLEN', KEYS[1])
  if count == 0 then redis.call('SREM', KEYS[4], ARGV[2]) end
  if given == '' then return {tostring(count)} end
  local user = string.sub(given, 2)
  if redis.call('HINCRBY', KEYS[2], user, -1) > 0 then return {tostring(count)} end
  redis.call('HDEL', KEYS[2], user)
  redis.call('HDEL', KEYS[3], user)
  return {tostring(count), user}`;

/**
 * `KEYS`: what was told, the channel's connections or users. `ARGV`: what, the
 * user with a `u` before it or nothing for the channel, whether it is there.
 * Answers 1 when it is to be told.
 */
export const TELL_ONCE = `
  if ARGV[3] == '1' then return redis.call('HSETNX', KEYS[1], ARGV[1], '1') end
  if ARGV[2] == '' then
    if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
  elseif redis.call('HEXISTS', KEYS[2], string.sub(ARGV[2], 2)) == 1 then return 0 end
  return redis.call('HDEL', KEYS[1], ARGV[1])`;

/** What ENTER answered. */
export function enteredOf(answer: unknown, isPresence: boolean): Entered {
  const [count, isNewMember, , infos]: unknown[] = Array.isArray(answer) ? answer : [];
  if (count === 'full') return { status: 'full' };
  return { status: 'entered', count: Number(count), members: isPresence ? membersOf(infos) : [], isNewMember: Number(isNewMember) === 1 };
}

/** Users and what others are shown of them, in turns. */
export function membersOf(answer: unknown): ChannelMember[] {
  const pairs = textsOf(answer);
  const members: ChannelMember[] = [];
  for (let at = 0; at + 1 < pairs.length; at += 2) {
    // Written by a node of this deployment, and bounded there; what cannot be read is shown as nothing.
    members.push({ userId: pairs[at] ?? '', userInfo: parseJson(pairs[at + 1] ?? '') ?? undefined });
  }
  return members;
}

/** The texts among the members of an answer. */
export function textsOf(answer: unknown): string[] {
  return Array.isArray(answer) ? answer.filter((text) => typeof text === 'string') : [];
}
