export { createCertificate } from '@couplet/server/test/push-services/certificate';
export { startWebPushStandIn, type WebPushStandIn } from '@couplet/server/test/push-services/web-push-stand-in';
