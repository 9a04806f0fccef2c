// RD New (EPSG:28992) to and from WGS 84, and UTM for the rest of the world.
//
// Polynomials of Schreutelkamp and Strang van Hees, "Benaderingsformules voor de transformatie
// tussen RD- en WGS84-coordinaten", Geodesia 43 (2001): within 0.25 m in the Netherlands, which
// is what a cursor on a map needs. Positions of findings come from the server, exact.

const ORIGIN = { x: 155_000, y: 463_000, lat: 52.1551744, lon: 5.38720621 };

type Term = [p: number, q: number, factor: number];

const TO_X: Term[] = [[0, 1, 190_094.945], [1, 1, -11_832.228], [2, 1, -114.221], [0, 3, -32.391],
  [1, 0, -0.705], [3, 1, -2.34], [1, 3, -0.608], [0, 2, -0.008], [2, 3, 0.148]];
const TO_Y: Term[] = [[1, 0, 309_056.544], [0, 2, 3_638.893], [2, 0, 73.077], [1, 2, -157.984],
  [3, 0, 59.788], [0, 1, 0.433], [2, 2, -6.439], [1, 1, -0.032], [0, 4, 0.092], [1, 4, -0.054]];
const TO_LAT: Term[] = [[0, 1, 3_235.65389], [2, 0, -32.58297], [0, 2, -0.2475], [2, 1, -0.84978],
  [0, 3, -0.0655], [2, 2, -0.01709], [1, 0, -0.00738], [4, 0, 0.0053], [2, 3, -0.00039],
  [4, 1, 0.00033], [1, 1, -0.00012]];
const TO_LON: Term[] = [[1, 0, 5_260.52916], [1, 1, 105.94684], [1, 2, 2.45656], [3, 0, -0.81885],
  [1, 3, 0.05594], [3, 1, -0.05607], [0, 1, 0.01199], [3, 2, -0.00256], [1, 4, 0.00128],
  [0, 2, 0.00022], [2, 0, -0.00022], [5, 0, 0.00026]];

const sum = (terms: Term[], a: number, b: number) =>
  terms.reduce((total, [p, q, factor]) => total + factor * a ** p * b ** q, 0);

/** Easting and northing in metres. */
export function rdFrom(lon: number, lat: number): [number, number] {
  const [north, east] = [0.36 * (lat - ORIGIN.lat), 0.36 * (lon - ORIGIN.lon)];
  return [ORIGIN.x + sum(TO_X, north, east), ORIGIN.y + sum(TO_Y, north, east)];
}

/** Longitude and latitude in degrees. */
export function lonLatFrom(x: number, y: number): [number, number] {
  const [east, north] = [(x - ORIGIN.x) * 1e-5, (y - ORIGIN.y) * 1e-5];
  return [
    ORIGIN.lon + sum(TO_LON, east, north) / 3600,
    ORIGIN.lat + sum(TO_LAT, east, north) / 3600,
  ];
}

/** Where RD New is in use: the Netherlands on land. */
export function isInRd(lon: number, lat: number): boolean {
  return lon > 3.2 && lon < 7.3 && lat > 50.7 && lat < 53.7;
}
