import { View } from 'react-native';
import { createStyles } from './theme.tsx';

/** The app's own background while the device is read: a few frames, too short for anything that moves. */
export function Splash() {
  const styles = useStyles();
  return <View style={styles.splash} role="progressbar" aria-label="Opening Couplet" aria-busy />;
}

const useStyles = createStyles((colors) => ({ splash: { flex: 1, backgroundColor: colors.background } }));
