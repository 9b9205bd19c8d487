import { useEffect, useState } from 'react';
import { AccessibilityInfo } from 'react-native';

/** Whether the reader asked for less motion; until the platform has answered, they did. */
export function useReducedMotion(): boolean {
  const [isReduced, setIsReduced] = useState(true);
  useEffect(() => {
    let isGone = false;
    const subscription = AccessibilityInfo.addEventListener('reduceMotionChanged', setIsReduced);
    void AccessibilityInfo.isReduceMotionEnabled().then((answer) => {
      if (!isGone) setIsReduced(answer);
    });
    return () => {
      isGone = true;
      subscription.remove();
    };
  }, []);
  return isReduced;
}
