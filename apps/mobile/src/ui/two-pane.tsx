import { createContext, type ReactNode, useContext } from 'react';
import { useWindowDimensions, View } from 'react-native';
import { createStyles } from './theme.tsx';
import { TWO_PANE_WIDTH } from './tokens.ts';

const TwoPaneContext = createContext(false);

/** Whether the list stands beside what is open. */
export function useIsTwoPane(): boolean {
  return useContext(TwoPaneContext);
}

/** The list beside the content where there is room; the content keeps its state when the window grows or shrinks. */
export function TwoPane({ list, children }: { list: ReactNode; children: ReactNode }) {
  const styles = useStyles();
  const isTwoPane = useWindowDimensions().width >= TWO_PANE_WIDTH;
  return (
    <TwoPaneContext value={isTwoPane}>
      <View style={styles.panes}>
        {isTwoPane ? list : null}
        <View key="content" style={styles.content} role="main">
          {children}
        </View>
      </View>
    </TwoPaneContext>
  );
}

const useStyles = createStyles((colors) => ({
  panes: { flex: 1, flexDirection: 'row', backgroundColor: colors.background },
  content: { flex: 1, minWidth: 0 },
}));
