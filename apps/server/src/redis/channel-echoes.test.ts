import { describe, expect, it } from 'vitest';
import { ChannelEchoes } from './channel-echoes.ts';

/** Channels `one` and `two`, of which those in `deaf` bring nothing back and those in `away` take nothing. */
function createEchoes() {
  const deaf = new Set<string>();
  const away = new Set<string>();
  const said: string[][] = [];
  const echoes = new ChannelEchoes(async (channels) => {
    said.push([...channels]);
    for (const channel of channels) if (!deaf.has(channel) && !away.has(channel)) echoes.heard(channel);
    return channels.map((channel) => !away.has(channel));
  });
  return { deaf, away, said, echoes, look: () => echoes.look(['one', 'two']) };
}

describe('echoes of channels', () => {
  it('finds a channel that brings nothing back, after the second time', async () => {
    const { deaf, look } = createEchoes();
    expect(await look()).toBe(true);
    deaf.add('two');
    // What was heard before is believed once.
    expect([await look(), await look(), await look(), await look()]).toEqual([true, true, true, false]);
  });

  it('says nothing where something was heard anyway', async () => {
    const { said, echoes, look } = createEchoes();
    echoes.heard('one');
    await look();
    await look();
    expect(said).toEqual([['two'], ['one']]);
  });

  it('blames no listener for a part of Redis that takes nothing', async () => {
    const { away, deaf, look } = createEchoes();
    away.add('two');
    for (let count = 0; count < 5; count += 1) expect(await look()).toBe(true);
    away.delete('two');
    deaf.add('two');
    expect([await look(), await look(), await look()]).toEqual([true, true, false]);
  });

  it('begins anew', async () => {
    const { deaf, echoes, look } = createEchoes();
    deaf.add('one');
    await look();
    await look();
    echoes.clear();
    expect(await look()).toBe(true);
  });
});
