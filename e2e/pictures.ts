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

/** The same JPEG as of a camera that was held upright: it lies on its side, and says so. */
export function turned(photo: ChosenFile): ChosenFile {
  // One entry, big-endian: orientation (0x0112), a short, one of it, the sixth.
  const tiff = Buffer.from('4d4d002a00000008' + '0001' + '0112000300000001' + '00060000' + '00000000', 'hex');
  const exif = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff]);
  const header = Buffer.from([0xff, 0xe1, 0, exif.length + 2]);
  return { ...photo, buffer: Buffer.concat([photo.buffer.subarray(0, 2), header, exif, photo.buffer.subarray(2)]) };
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

/** From the settings: chooses a picture of this size, to be cropped; `option` is what the button asks first, if it does. */
export async function choosePhoto(person: Person, size: [number, number], option?: 'photo-choose') {
  const [photo] = await drawPictures(person, 1, size);
  const chooser = person.page.waitForEvent('filechooser');
  await person.get('settings-photo').click();
  if (option) await person.get(option).click();
  await (await chooser).setFiles(photo ? [photo] : []);
  await person.see('photo-dialog');
}

/** As a phone's browser does it: the page asks for a camera, and gets what that took. Answers what it asked for. */
export async function takePhoto(person: Person, way: 'attach-camera' | 'photo-take', photo: ChosenFile): Promise<{ accept: string | null; camera: string | null }> {
  const asked = person.page.waitForEvent('filechooser');
  await person.get(way).click();
  const chooser = await asked;
  const [accept, camera] = [await chooser.element().getAttribute('accept'), await chooser.element().getAttribute('capture')];
  await chooser.setFiles(photo);
  return { accept, camera };
}

/** Of a picture as `drawPictures` makes it: in which corner the light is, and its size in pixels. */
export function lightOf(picture: Locator): Promise<{ corner: string; width: number; height: number }> {
  return picture.evaluate((image: HTMLImageElement) => {
    const { naturalWidth: width, naturalHeight: height } = image;
    const canvas = document.createElement('canvas');
    const paint = canvas.getContext('2d');
    if (!paint) throw new Error('This browser does not draw');
    [canvas.width, canvas.height] = [2, 2];
    paint.drawImage(image, 0, 0, 2, 2);
    const pixels = paint.getImageData(0, 0, 2, 2).data;
    const lights = [0, 1, 2, 3].map((pixel) => pixels.slice(pixel * 4, pixel * 4 + 3).reduce((sum, part) => sum + part, 0));
    return { corner: ['top left', 'top right', 'bottom left', 'bottom right'][lights.indexOf(Math.max(...lights))] ?? '', width, height };
  });
}

/** How many pictures in it are there in more than their placeholder. */
export function countLoaded(within: Locator): Promise<number> {
  return within.locator('img').evaluateAll((images) => (images as HTMLImageElement[]).filter((image) => image.complete && image.naturalWidth > 90).length);
}
