import type { RequestHandler } from 'express';
import helmet from 'helmet';

/**
 * What the web app may load: its own scripts, the styles that react-native-web
 * writes at run time, pictures from anywhere secure, and its own sockets.
 *
 * @param publicUrl where people reach the deployment; decides whether browsers are told to insist on https
 * @param mediaOrigins where attachments are put to and loaded from besides this server
 * @param realtimeOrigins of the sockets that bring live events in place of this server's
 */
export function appSecurityHeaders(publicUrl: string | undefined, mediaOrigins: readonly string[], realtimeOrigins: readonly string[]): RequestHandler {
  const socketOrigins = publicUrl === undefined ? [] : [new URL(publicUrl).origin.replace(/^http/, 'ws')];
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:', 'blob:', 'https:', ...mediaOrigins],
        mediaSrc: ["'self'", 'blob:', 'https:', ...mediaOrigins],
        fontSrc: ["'self'", 'data:'],
        connectSrc: ["'self'", 'blob:', ...socketOrigins, ...realtimeOrigins, ...mediaOrigins],
        workerSrc: ["'self'", 'blob:'],
        manifestSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: publicUrl?.startsWith('https:') ? { maxAge: HSTS_SECONDS } : false,
    referrerPolicy: { policy: 'no-referrer' },
  });
}

/** The API documentation's page: nothing but its own files and this server. */
export function docsSecurityHeaders(): RequestHandler {
  return helmet.contentSecurityPolicy({
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:'],
      connectSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  });
}

/** Half a year, the usual first step. */
const HSTS_SECONDS = 180 * 24 * 60 * 60;
