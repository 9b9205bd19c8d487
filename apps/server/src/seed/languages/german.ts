import type { Phrasebook } from '../phrasebook.ts';

export const german: Phrasebook = {
  firstNames: ['Anneke', 'Lukas', 'Greta', 'Matthias', 'Selin', 'Jakob', 'Frieda', 'Moritz', 'Leyla', 'Henrik', 'Paula', 'Bastian'],
  lastNames: ['Hofmann', 'Brandt', 'Yılmaz', 'Vogel', 'Seidel', 'Keller', 'Lorenz', 'Weiß', 'Thalheim', 'Böhm', 'Ritter', 'Jäger'],
  words: {
    tag: ['Montag', 'Dienstag', 'Mittwoch', 'Donnerstag', 'Freitag', 'Samstag', 'Sonntag'],
    zeit: ['halb sieben', 'um acht', 'gegen zwölf', 'um 15 Uhr', 'nach der Arbeit'],
    ort: ['am Bahnhof', 'im Café an der Ecke', 'bei mir', 'am See', 'vor dem Kino', 'auf dem Markt'],
    gericht: ['Linsensuppe', 'Käsespätzle', 'einen Apfelkuchen', 'Ofengemüse', 'Kartoffelpuffer'],
    ding: ['die Bohrmaschine', 'den Schlüssel', 'das Zelt', 'den Regenschirm', 'das Ladekabel'],
  },
  scenes: [
    ['<Passt es dir am {tag}?', '>Ja, {zeit}?', '<Perfekt, {ort}', '>Bis dann 👋'],
    ['<Ich komme zehn Minuten später', '>Kein Stress, ich sitze schon {ort}', '<Bestellst du mir einen Kaffee?', '>Schon passiert'],
    ['<Könntest du mir am {tag} {ding} mitbringen?', '>Klar, wenn ich noch weiß, wo das liegt', '<Im Keller, zweites Regal', '>Du kennst meinen Keller besser als ich', '<Leider ja 😄'],
    ['<Wie war der Termin?', '>Lang. Aber gut! Sie wollen, dass wir das Konzept bis {tag} überarbeiten, und zwar nur den mittleren Teil. Der Rest bleibt, wie er ist', '<Das ist doch großartig', '>Ja, ich bin richtig erleichtert'],
    ['<Es gibt heute {gericht}', '>Ich bin in zwanzig Minuten da', '<Ich hatte dich noch gar nicht eingeladen', '>Das war doch die Einladung?', '<Ja'],
    ['<Hast du die Fotos vom Wochenende?', '>Noch auf der Kamera, lade ich heute Abend hoch', '<Das vom See bitte zuerst', '>Versprochen'],
    ['<Der Zug fällt aus', '>Schon wieder?', '<Schon wieder. Ich nehme den um zwanzig nach, dann bin ich {zeit} da', '>Ich hole dich ab'],
    ['<Alles Gute zum Geburtstag! 🎂', '>Danke!! Kommst du am {tag} vorbei? Es gibt {gericht}', '<Ich bringe {ding} zurück und Blumen mit'],
    ['<Wie geht es deiner Oma?', '>Viel besser, sie schimpft wieder über das Fernsehprogramm', '<Dann ist ja alles gut', '>Sie lässt dich grüßen'],
    ['<Schläfst du schon?', '>Fast', '<Dann morgen. Nichts Schlimmes', '>Gute Nacht 🌙'],
  ],
};
