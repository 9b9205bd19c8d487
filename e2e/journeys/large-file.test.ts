import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@couplet/test-system/faults';
import { countRenderedRows } from '@couplet/test-system/rendered-rows';
import { afterAll, expect, test } from 'vitest';
import { beginConversation, createAccount, listEverything } from '../api.ts';
import { Device } from '../browser.ts';
import { BrowserProcess } from '../browser-process.ts';
import { followProgress } from '../follow-progress.ts';
import { Person } from '../person.ts';
import { serverOfThisFile } from '../server-process.ts';
import { UploadsGate } from '../uploads-gate.ts';

const FILE_BYTES = 60_000_000;
/** As the protocol has it. */
const PART_BYTES = 8 * 1024 * 1024;
const PARTS = Math.ceil(FILE_BYTES / PART_BYTES);
/** Somewhere within a part. */
const MIDWAY = 3 * 1024 * 1024;

const port = await freePort();
// Every second put is the one that repeats a part that was cut.
const gate = await UploadsGate.open(port, [
  { put: 1, afterBytes: MIDWAY, what: 'cut' },
  { put: 3, afterBytes: MIDWAY, what: 'cut' },
  { put: 5, afterBytes: MIDWAY, what: 'cut' },
  { put: 7, afterBytes: MIDWAY, what: 'hold' },
]);
afterAll(() => gate.close());
const server = serverOfThisFile({ environment: { PORT: String(port), PUBLIC_URL: gate.url } });

/** As the dialog would: Playwright itself hands over no more than 50 MB to a browser that it has not started. */
async function chooseFile(person: Person, path: string) {
  const session = await person.page.context().newCDPSession(person.page);
  await session.send('Page.enable');
  await session.send('Page.setInterceptFileChooserDialog', { enabled: true });
  const opened = new Promise<number>((resolve) => session.once('Page.fileChooserOpened', ({ backendNodeId }) => resolve(backendNodeId ?? 0)));
  await person.get('attach-file').click();
  await session.send('DOM.setFileInputFiles', { files: [path], backendNodeId: await opened });
  await session.detach();
}

const receivedBytes = async () => Number(/^couplet_uploaded_bytes_total (\d+)/m.exec(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text())?.[1]);

test('[D6] a file of 60 MB that is cut three times within a part, and whose browser is killed, goes on where it was, shows how far it is without rendering the list, and what is written meanwhile goes first', { timeout: 180_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'couplet-large-'));
  const chromium = new BrowserProcess();
  try {
    const path = join(folder, 'film.bin');
    const content = randomBytes(FILE_BYTES);
    writeFileSync(path, content);
    const [anaAccount, boAccount] = [await createAccount(server, 'Ana Large'), await createAccount(server, 'Bo Large')];
    const { id } = await beginConversation(server, anaAccount, boAccount);
    const said = async () => (await listEverything(server, boAccount, id)).map(({ text, attachments }) => text ?? attachments.map(({ name }) => name).join());
    const start = async () => {
      const page = await chromium.start();
      await page.addInitScript(countRenderedRows);
      return new Person('Ana Large', Device.of('Ana Large', page), server);
    };

    const ana = await start();
    await ana.signIn(anaAccount, `/c/${id}`);
    await ana.see('composer-input');
    await ana.get('composer-attach').click();
    await chooseFile(ana, path);
    const sending = await followProgress(ana, 'film.bin');
    await ana.get('attach-send').click();
    await gate.held();
    // Three parts are there, and the fourth stands still.
    expect([gate.outstanding, await receivedBytes()]).toEqual([0, 3 * PART_BYTES]);
    const sent = await sending();
    expect(new Set(sent.shown).size).toBeGreaterThan(3);
    expect(sent.rowsRendered).toBe(0);
    await ana.send('It takes a while');
    await ana.seeTick('It takes a while', 'sent');
    expect(await said()).toEqual(['It takes a while']);
    await chromium.kill();

    const again = await start();
    await again.goto(`/c/${id}`);
    await again.seeTick('film.bin', 'sent');
    expect(await said()).toEqual(['It takes a while', 'film.bin']);
    // No part that had arrived was sent once more: of each exactly one was taken in.
    expect(await receivedBytes()).toBe(FILE_BYTES);
    expect(gate.puts).toBe(PARTS + 4);
    expect(gate.bytes).toBeLessThan(FILE_BYTES + 4 * PART_BYTES);
    const [attachment] = (await listEverything(server, boAccount, id)).at(-1)?.attachments ?? [];
    const arrived = Buffer.from(await (await fetch(attachment?.url ?? '')).arrayBuffer());
    expect(arrived.equals(content)).toBe(true);

    // Back to a device, of which the browser then keeps nothing here.
    const session = await again.page.context().newCDPSession(again.page);
    await session.send('Browser.setDownloadBehavior', { behavior: 'deny' });
    const loading = await followProgress(again, 'film.bin');
    const card = again.get(/^attachment-/);
    await card.click();
    await card.and(again.page.getByRole('button', { name: 'Save again' })).waitFor();
    const loaded = await loading();
    expect(loaded.shown).toEqual([...new Set(loaded.shown)].sort((one, other) => one - other));
    expect(loaded.shown.length).toBeGreaterThan(3);
    expect(loaded.rowsRendered).toBe(0);
  } finally {
    await chromium.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
