import type { Phrasebook } from '../phrasebook.ts';

export const french: Phrasebook = {
  firstNames: ['Camille', 'Étienne', 'Inès', 'Mathis', 'Solène', 'Karim', 'Margaux', 'Bastien', 'Aïcha', 'Loïc'],
  lastNames: ['Marchand', 'Lefèvre', 'Benali', 'Rousseau', 'Girard', 'Delorme', 'Perrin', 'Châtel', 'Morel', 'Faure'],
  words: {
    jour: ['lundi', 'mardi', 'mercredi', 'jeudi', 'vendredi', 'samedi', 'dimanche'],
    heure: ['19 h', 'midi', '18 h 30', '20 h 15', '9 h'],
    lieu: ['au café du coin', 'à la gare', 'chez moi', 'devant le cinéma', 'au marché', 'sur les quais'],
    plat: ['une soupe à l’oignon', 'un gratin', 'une tarte aux prunes', 'des crêpes', 'un couscous'],
  },
  scenes: [
    ['<Tu es libre {jour} ?', '>Oui ! Vers {heure} ?', '<Parfait, {lieu}', '>À {jour} alors 😊'],
    ['<J’ai un peu de retard', '>Pas grave, je t’attends {lieu}', '<J’arrive !'],
    ['<Tu as réussi à réparer le vélo ?', '>Oui, il ne manquait qu’une vis. Deux heures pour une vis…', '<L’histoire de ta vie', '>Exactement'],
    ['<Ce soir c’est {plat}', '>J’apporte le dessert', '<Et du pain ?', '>Et du pain'],
    ['<Alors, la réponse de l’éditeur ?', '>Ils la prennent !! Ils demandent seulement de raccourcir le deuxième chapitre et de changer le titre, ce qui m’arrange parce que je ne l’ai jamais aimé', '<Je suis tellement contente pour toi', '>On fête ça {jour} ?', '<Évidemment 🥂'],
    ['<Tu peux me renvoyer l’adresse ?', '>12 rue des Lilas, deuxième étage, le code est sur le papier que je t’ai donné', '<Le papier que j’ai perdu', '>Je descends t’ouvrir 😅'],
    ['<Bon anniversaire ! 🎉', '>Merci, ça me touche', '<On se voit {jour} ?', '>{heure}, {lieu}'],
    ['<Bien rentré ?', '>Oui, à l’instant', '<Dors bien', '>Toi aussi'],
  ],
};
