import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCertificate, startWebPushStandIn, type WebPushStandIn } from '@couplet/test-system/push-service';

/** A browsers' push service of the checker's own, and what nodes must know to use it. */
export class PushWorld {
  readonly browsers: WebPushStandIn;
  readonly env: Readonly<Record<string, string>>;

  private constructor(browsers: WebPushStandIn, env: Readonly<Record<string, string>>) {
    this.browsers = browsers;
    this.env = env;
  }

  static async open(folder: string): Promise<PushWorld> {
    const certificate = createCertificate();
    const file = join(folder, 'push-service.pem');
    await writeFile(file, certificate.cert);
    return new PushWorld(await startWebPushStandIn(certificate), { NODE_EXTRA_CA_CERTS: file, WEB_PUSH_HOSTS: 'localhost', VAPID_SUBJECT: 'mailto:faults@couplet.test' });
  }

  close(): Promise<void> {
    return this.browsers.close();
  }
}
