//! A vehicle behind a port, its pictures in a folder.

use std::fs;
use std::io;
use std::path::{Path as FilePath, PathBuf};
use std::time::Duration;

use super::port::Port;
use super::truth::{Truth, write_truth};
use super::vehicle::{Card, Film, Output, Path, PathFaults, Shot, Vehicle, VehicleParams};

/// However late a turn is, the vehicle's time goes on by so much at most: the time that a picture
/// takes to be made is none of its own.
const LONGEST_TURN: Duration = Duration::from_millis(20);

/// How a vehicle is served.
#[derive(Debug)]
pub struct ServerParams {
    /// The vehicle.
    pub vehicle: VehicleParams,
    /// Its time over real time.
    pub speedup: f64,
    /// What its link does to frames, both ways.
    pub faults: PathFaults,
    /// Where its pictures go; nowhere without.
    pub frames: Option<PathBuf>,
}

/// What a turn brought.
#[derive(Debug, Clone, PartialEq)]
pub struct Served {
    /// A picture.
    pub shot: Shot,
    /// Its file, if pictures are kept.
    pub file: Option<PathBuf>,
}

/// A vehicle, its link and its card.
#[derive(Debug)]
pub struct Server {
    vehicle: Vehicle,
    port: Port,
    inward: Path,
    outward: Path,
    film: Option<Film>,
    frames: Option<PathBuf>,
    speedup: f64,
    /// The vehicle's time, and real time of the last turn.
    now: Duration,
    last: Option<Duration>,
    was_armed: bool,
    landed: bool,
}

impl Server {
    /// Switches a vehicle on. Pictures need a film.
    ///
    /// # Errors
    /// The file system's, of the folder for pictures.
    pub fn new(params: ServerParams, port: Port, film: Option<Film>) -> io::Result<Self> {
        let seed = params.vehicle.seed;
        if let Some(folder) = &params.frames {
            fs::create_dir_all(folder)?;
        }
        let card = FolderCard(params.frames.clone());
        Ok(Self {
            vehicle: Vehicle::new(params.vehicle, Box::new(card)),
            port,
            inward: Path::new(params.faults, seed, 0),
            outward: Path::new(params.faults, seed, 1),
            film,
            frames: params.frames,
            speedup: params.speedup,
            now: Duration::ZERO,
            last: None,
            was_armed: false,
            landed: false,
        })
    }

    /// Whether it has flown and is down again.
    #[must_use]
    pub fn has_landed(&self) -> bool {
        self.landed
    }

    /// Whether its motors run.
    #[must_use]
    pub fn is_flying(&self) -> bool {
        self.was_armed
    }

    /// Its time over real time from now on.
    pub fn set_speedup(&mut self, speedup: f64) {
        self.speedup = speedup;
    }

    /// The vehicle's own time.
    #[must_use]
    pub fn vehicle_time(&self) -> Duration {
        self.now
    }

    /// Takes what came, lets the vehicle's time go on, and sends what it says. `clock` is real
    /// time since any instant.
    ///
    /// # Errors
    /// Those of the socket and of the file system.
    pub fn turn(&mut self, clock: Duration) -> io::Result<Vec<Served>> {
        for piece in self.port.receive()? {
            self.inward.send(&piece, clock);
        }
        while let Some(piece) = self.inward.arrived(clock) {
            self.vehicle.handle(&piece);
        }
        let gone = clock.saturating_sub(self.last.unwrap_or(clock)).min(LONGEST_TURN);
        self.last = Some(clock);
        self.now += gone.mul_f64(self.speedup);
        let mut served = Vec::new();
        // Step by step, so that what it is told is told to it in time at any speed-up.
        while self.vehicle.next_step() <= self.now {
            self.vehicle.advance(self.vehicle.next_step());
            while let Some(output) = self.vehicle.poll() {
                match output {
                    Output::Frame(bytes) => self.outward.send(&bytes, clock),
                    Output::Shot(shot) => served.push(self.keep(shot)?),
                }
            }
        }
        while let Some(output) = self.vehicle.poll() {
            if let Output::Frame(bytes) = output {
                self.outward.send(&bytes, clock);
            }
        }
        while let Some(bytes) = self.outward.arrived(clock) {
            self.port.send(&bytes);
        }
        let armed = self.vehicle.is_armed();
        self.landed |= self.was_armed && !armed;
        self.was_armed = armed;
        Ok(served)
    }

    /// Writes a picture under another name first, so that who watches the folder sees whole files.
    fn keep(&mut self, shot: Shot) -> io::Result<Served> {
        let (Some(film), Some(folder)) = (&mut self.film, &self.frames) else {
            return Ok(Served { shot, file: None });
        };
        let (name, bytes) = film.expose(&shot)?;
        let part = folder.join(format!("{name}.part"));
        let file = folder.join(name);
        fs::write(&part, bytes)?;
        fs::rename(&part, &file)?;
        Ok(Served { shot, file: Some(file) })
    }

    /// Writes the truth beside the pictures, and gives it.
    ///
    /// # Errors
    /// The file system's.
    pub fn finish(self) -> io::Result<Option<Truth>> {
        let (Some(film), Some(folder)) = (self.film, self.frames) else { return Ok(None) };
        let truth = film.truth();
        write_truth(&truth, &folder)?;
        Ok(Some(truth))
    }
}

/// The folder of pictures as the vehicle's card.
#[derive(Debug)]
struct FolderCard(Option<PathBuf>);

impl FolderCard {
    fn file(&self, name: &str) -> Option<PathBuf> {
        // Names only: no way out of the folder.
        let plain = FilePath::new(name).file_name()?.to_str()? == name;
        let ours = name.starts_with("SIM_") && !name.ends_with(".part");
        self.0.as_ref().filter(|_| plain && ours).map(|folder| folder.join(name))
    }
}

impl Card for FolderCard {
    fn list(&self) -> Vec<(String, u64)> {
        let entries = self.0.as_ref().and_then(|folder| fs::read_dir(folder).ok());
        let mut list: Vec<_> = entries
            .into_iter()
            .flatten()
            .filter_map(|entry| {
                let entry = entry.ok()?;
                let name = entry.file_name().into_string().ok()?;
                self.file(&name)?;
                Some((name, entry.metadata().ok()?.len()))
            })
            .collect();
        list.sort();
        list
    }

    fn read(&self, name: &str, offset: u64, most: usize) -> Option<Vec<u8>> {
        use std::io::{Read as _, Seek as _};
        let mut file = fs::File::open(self.file(name)?).ok()?;
        file.seek(io::SeekFrom::Start(offset)).ok()?;
        let mut bytes = Vec::new();
        file.take(most as u64).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }
}
