import type { Phrasebook } from '../phrasebook.ts';

export const spanish: Phrasebook = {
  firstNames: ['Lucía', 'Mateo', 'Valentina', 'Joaquín', 'Noelia', 'Emilio', 'Renata', 'Álvaro', 'Ximena', 'Bruno'],
  lastNames: ['Navarro', 'Ibáñez', 'Quiroga', 'Peñalver', 'Salcedo', 'Arrieta', 'Montoya', 'Castaño', 'Beltrán', 'Rosales'],
  words: {
    dia: ['el lunes', 'el martes', 'el miércoles', 'el jueves', 'el viernes', 'el sábado', 'mañana'],
    hora: ['a las siete', 'a las ocho y media', 'al mediodía', 'a las cinco', 'después del trabajo'],
    lugar: ['en la plaza', 'en el café de siempre', 'en mi casa', 'en la estación', 'junto al río'],
    plato: ['tortilla', 'unas empanadas', 'arroz con leche', 'un guiso', 'croquetas'],
  },
  scenes: [
    ['<¿Nos vemos {dia}?', '>¡Claro! ¿{hora}?', '<Perfecto, {lugar}', '>Allí estaré'],
    ['<Llego en diez minutos', '>Tranquila, acabo de sentarme', '<Pide algo para mí', '>Ya está pedido 😉'],
    ['<¿Qué tal la mudanza?', '>Agotadora. Hemos subido el sofá por la escalera porque no cabía en el ascensor, y al llegar arriba tampoco cabía por la puerta', '<No me lo creo', '>Está en el rellano. Los vecinos ya se sientan en él', '<😂😂'],
    ['<He hecho {plato}', '>Voy para allá', '<Trae pan'],
    ['<¿Tienes el número de la fontanera?', '>Te lo paso ahora', '<Gracias, tengo un lago en la cocina', '>¿Quieres que vaya?', '<Si puedes… con botas'],
    ['<¡Feliz cumpleaños! 🎂', '>¡Gracias! ¿Vienes {dia}?', '<No me lo pierdo por nada'],
    ['<¿Cómo salió el examen?', '>Creo que bien. La última pregunta era justo la que repasamos {lugar}', '<¡Te lo dije!', '>Te debo {plato}'],
    ['<Buenas noches', '>Buenas noches, descansa'],
  ],
};
