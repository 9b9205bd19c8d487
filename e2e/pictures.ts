import type { Locator } from 'playwright-core';
import type { Person } from './person.ts';

export interface ChosenFile {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

/** Pictures of a colour each, drawn by the browser. */
export async function drawPictures(person: Person, count: number, [width, height] = [1_600, 1_200]): Promise<ChosenFile[]> {
  const urls = await person.page.evaluate(
    ({ count, width, height }) =>
      Array.from({ length: count }, (_, index) => {
        const canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [width, height];
        const paint = canvas.getContext('2d');
        if (!paint) throw new Error('This browser does not draw');
        const sky = paint.createLinearGradient(0, 0, width, height);
        sky.addColorStop(0, `hsl(${index * 36} 70% 70%)`);
        sky.addColorStop(1, `hsl(${index * 36 + 60} 60% 30%)`);
        paint.fillStyle = sky;
        paint.fillRect(0, 0, width, height);
        return canvas.toDataURL('image/jpeg', 0.9);
      }),
    { count, width, height },
  );
  return urls.map((url, index) => ({ name: `picture-${index + 1}.jpg`, mimeType: 'image/jpeg', buffer: Buffer.from(url.split(',')[1] ?? '', 'base64') }));
}

/** Half a second of a film, recorded by the browser. */
export async function recordFilm(person: Person): Promise<Buffer> {
  const base64 = await person.page.evaluate(async () => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [320, 180];
    const paint = canvas.getContext('2d');
    if (!paint) throw new Error('This browser does not draw');
    const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: 'video/webm' });
    const pieces: Blob[] = [];
    recorder.ondataavailable = ({ data }) => pieces.push(data);
    const isOver = new Promise((resolve) => (recorder.onstop = resolve));
    recorder.start();
    for (let frame = 0; frame < 15; frame += 1) {
      paint.fillStyle = `hsl(${frame * 20} 70% 50%)`;
      paint.fillRect(0, 0, 320, 180);
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    recorder.stop();
    await isOver;
    const bytes = new Uint8Array(await new Blob(pieces).arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  });
  return Buffer.from(base64, 'base64');
}

/** In the composer: until they are shown before they are sent. */
export async function chooseFiles(person: Person, way: 'attach-media' | 'attach-file', files: ChosenFile[]) {
  await person.get('composer-attach').click();
  const chooser = person.page.waitForEvent('filechooser');
  await person.get(way).click();
  await (await chooser).setFiles(files);
  await person.see('attach-sheet');
}

/** How many pictures in it are there in more than their placeholder. */
export function countLoaded(within: Locator): Promise<number> {
  return within.locator('img').evaluateAll((images) => (images as HTMLImageElement[]).filter((image) => image.complete && image.naturalWidth > 90).length);
}
