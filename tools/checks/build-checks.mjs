import { buildServer } from '../build-server.mjs';
import { buildNativeWeb, buildWeb, exportForPhone } from '../build-web.mjs';

/** The builds throw when they fail, with the reason as message. */
export async function checkServerBuild() {
  await buildServer();
  return { passed: 1, failed: 0, output: '' };
}

export async function checkWebExport() {
  await buildWeb();
  return { passed: 1, failed: 0, output: '' };
}

export async function checkNativeWebExport() {
  await buildNativeWeb();
  return { passed: 1, failed: 0, output: '' };
}

export async function checkPhoneExport(platform) {
  const { ok, output } = await exportForPhone(platform);
  return ok ? { passed: 1, failed: 0, output: '' } : { passed: 0, failed: 1, output };
}
