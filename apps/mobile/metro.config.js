const path = require('node:path');
const { getDefaultConfig } = require('expo/metro-config');

const config = getDefaultConfig(__dirname);

// Our sources name files with their extension, as Node wants it. Metro looks for
// platform siblings (`name.web.ts` beside `name.ts`) only when the extension is
// left out, so it is cut here, for relative imports of our own files alone.
const SOURCE_EXTENSION = /^(\.{1,2}\/.*)\.tsx?$/;

// EXPO_PUBLIC_TRANSPORT=native: an app that speaks the server's own protocol and has no Pusher client in it.
const REALTIME = /^\.\/realtime\.ts$/;

// zod brings its messages in fifty languages, 60 kB of the first load after
// compression. Ours are written where they are shown; English is imported by itself.
const ZOD_LOCALES = /\/locales\/index\.c?js$/;

// The app parses with its schemas and does nothing else with them; what turns them into
// JSON Schema, back, and into functions is 15 kB of the first load after compression.
const ZOD_CONVERTERS = /\/(from-json-schema|json-schema-processors|compile)\.c?js$/;

// The router's own tab bar and its trial of another stack, which its main module brings along.
// Its views ask a context of the tab bar whether they stand in one: that is all they get.
const ROUTER_EXTRAS = /^\.\/layouts\/(Tabs|experimental-stack)$/;
const ROUTER_TAB_BAR = /^\.\.\/react-navigation\/bottom-tabs$/;

// The router mixes colours for the headers and buttons of its own, which the app never shows: 6 kB.
const ROUTER_COLORS = /^color$/;

config.resolver.resolveRequest = (context, moduleName, platform) => {
  if (process.env.EXPO_PUBLIC_TRANSPORT === 'native' && REALTIME.test(moduleName)) {
    return { type: 'sourceFile', filePath: path.join(__dirname, 'src', 'messenger', 'realtime-native.ts') };
  }
  if (ZOD_LOCALES.test(moduleName) && comesFrom(context, 'zod')) return { type: 'empty' };
  if (platform === 'web' && ZOD_CONVERTERS.test(moduleName) && comesFrom(context, 'zod')) return { type: 'empty' };
  if (platform === 'web' && comesFrom(context, 'expo-router')) {
    if (ROUTER_EXTRAS.test(moduleName) || ROUTER_COLORS.test(moduleName)) return { type: 'empty' };
    if (ROUTER_TAB_BAR.test(moduleName)) return context.resolveRequest(context, `${moduleName}/utils/BottomTabBarHeightContext`, platform);
  }
  const own = context.originModulePath.includes(`${path.sep}node_modules${path.sep}`) ? null : SOURCE_EXTENSION.exec(moduleName);
  return context.resolveRequest(context, own?.[1] ?? moduleName, platform);
};

function comesFrom(context, packageName) {
  return context.originModulePath.includes(`${path.sep}node_modules${path.sep}${packageName}${path.sep}`);
}

module.exports = config;
