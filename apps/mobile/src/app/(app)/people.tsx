import { PeopleScreen } from '../../features/people/people-screen.tsx';

export default function PeopleRoute() {
  return <PeopleScreen />;
}
