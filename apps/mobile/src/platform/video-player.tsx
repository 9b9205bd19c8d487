import { useVideoPlayer, VideoView } from 'expo-video';

export function VideoPlayer({ url }: { url: string }) {
  const player = useVideoPlayer(url, (created) => created.play());
  return <VideoView player={player} nativeControls contentFit="contain" style={{ width: '100%', height: '100%' }} />;
}
