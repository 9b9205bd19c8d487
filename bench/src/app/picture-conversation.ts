import type { Page } from 'playwright-core';

export const LOGIN = 'looker@bench.test';
export const PASSWORD = 'correct horse battery';
/** Uploads under way at once: the server opens two pictures beside each other. */
const WINDOW = 4;
/** As a phone sends them, once they are made smaller. */
const [WIDTH, HEIGHT] = [1_600, 1_200];

interface Registered {
  user: { id: string };
  accessToken: string;
}

/** Somebody to whom somebody else sent so many pictures, each with its number under it. Answers the sender's name. */
export async function sendPictures(serverUrl: string, page: Page, count: number): Promise<string> {
  const register = (name: string, email: string) => call<Registered>(serverUrl, 'POST', '/api/auth/register', { name, email, password: PASSWORD });
  const sender = await register('Painter', 'painter@bench.test');
  const looker = await register('Looker', LOGIN);
  const { id } = await call<{ id: string }>(serverUrl, 'POST', '/api/conversations', { userId: looker.user.id }, sender.accessToken);
  const uploaded: string[] = [];
  let next = 0;
  const upload = async () => {
    while (next < count) {
      const index = next;
      next += 1;
      uploaded[index] = await uploadPicture(serverUrl, sender.accessToken, await paintPicture(page, index));
    }
  };
  await Promise.all(Array.from({ length: WINDOW }, upload));
  for (const [index, uploadId] of uploaded.entries()) {
    const body = { clientMsgId: `picture-${index}`, type: 'image', text: `${index + 1}. Picture`, attachments: [uploadId] };
    await call(serverUrl, 'POST', `/api/conversations/${id}/messages`, body, sender.accessToken);
  }
  return 'Painter';
}

async function uploadPicture(serverUrl: string, token: string, picture: Buffer<ArrayBuffer>): Promise<string> {
  const announced = { filename: 'picture.jpg', contentType: 'image/jpeg', sizeBytes: picture.length };
  const { uploadId, url, headers } = await call<{ uploadId: string; url: string; headers: Record<string, string> }>(serverUrl, 'POST', '/api/uploads/presign', announced, token);
  const put = await fetch(url, { method: 'PUT', headers, body: picture });
  if (!put.ok) throw new Error(`A picture was answered ${put.status}`);
  let status = 'checking';
  // The server answers after ten seconds at the latest, whether it is done or not.
  while (status !== 'ready') {
    ({ status } = await call<{ status: string }>(serverUrl, 'POST', `/api/uploads/${uploadId}/complete`, undefined, token));
    if (status === 'rejected') throw new Error('A picture was rejected');
  }
  return uploadId;
}

async function call<Answer>(serverUrl: string, method: string, path: string, body: unknown, token?: string): Promise<Answer> {
  const response = await fetch(serverUrl + path, {
    method,
    headers: { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Answer;
}

/** A JPEG of some hundred kilobytes, another one for each index. */
async function paintPicture(page: Page, index: number): Promise<Buffer<ArrayBuffer>> {
  const url = await page.evaluate(
    ({ index, width, height }) => {
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [width, height];
      const paint = canvas.getContext('2d');
      if (!paint) throw new Error('This browser does not draw');
      for (let spot = 0; spot < 400; spot += 1) {
        const turn = index * 137 + spot * 61;
        paint.fillStyle = `hsl(${turn % 360} 60% ${30 + (spot % 50)}% / 0.6)`;
        paint.fillRect((turn * 31) % width, (turn * 17) % height, 60 + ((spot * 13) % 300), 40 + ((spot * 7) % 200));
      }
      return canvas.toDataURL('image/jpeg', 0.85);
    },
    { index, width: WIDTH, height: HEIGHT },
  );
  return Buffer.from(url.split(',')[1] ?? '', 'base64');
}
