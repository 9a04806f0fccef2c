//! DJI's own decoder, `libdirp`, if the user has it and names it. It is never shipped and never
//! needed; calls and structures after the header of DJI's Thermal SDK 1.x.
//!
//! *Invariant*: one file at a time in the whole process, since the library keeps state in globals.

use std::ffi::c_void;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use libloading::Library;

use super::fault::{self, Fault};

/// Parameters of a measurement in the library's own layout.
#[repr(C, packed)]
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct MeasurementParameters {
    pub(super) distance_m: f32,
    pub(super) humidity_percent: f32,
    pub(super) emissivity: f32,
    pub(super) reflected_c: f32,
    /// From 1.8 on; older libraries leave NaN here.
    pub(super) ambient_c: f32,
}

#[repr(C)]
#[derive(Default)]
struct Resolution {
    width: i32,
    height: i32,
}

type Handle = *mut c_void;
type Create = unsafe extern "C" fn(*const u8, i32, *mut Handle) -> i32;
type Destroy = unsafe extern "C" fn(Handle) -> i32;
type GetResolution = unsafe extern "C" fn(Handle, *mut Resolution) -> i32;
type GetParameters = unsafe extern "C" fn(Handle, *mut MeasurementParameters) -> i32;
type SetParameters = unsafe extern "C" fn(Handle, *const MeasurementParameters) -> i32;
type Measure = unsafe extern "C" fn(Handle, *mut f32, i32) -> i32;

/// The library and its functions, which stay valid as long as it is loaded.
struct Loaded {
    path: PathBuf,
    create: Create,
    destroy: Destroy,
    resolution: GetResolution,
    parameters: GetParameters,
    set_parameters: SetParameters,
    measure: Measure,
    _library: Library,
}

/// The one library of the process, and the lock that lets one file in at a time: its globals make
/// this a matter of the process, not of an argument.
static LOADED: Mutex<Option<Loaded>> = Mutex::new(None);

/// The library, held by one caller.
pub(super) struct Sdk {
    loaded: MutexGuard<'static, Option<Loaded>>,
}

/// A file that is open in the library; closed when it goes out of scope.
pub(super) struct OpenFile<'a> {
    sdk: &'a Loaded,
    handle: Handle,
    /// The library may keep pointing into them.
    _bytes: &'a [u8],
}

/// The library's file name here.
const FILE_NAME: &str = if cfg!(windows) { "libdirp.dll" } else { "libdirp.so" };

/// Loads the library at a path (the file, or the folder it lies in), or waits for whoever holds it.
pub(super) fn load(path: &Path) -> Result<Sdk, Fault> {
    let exists_here = cfg!(any(target_arch = "x86_64", target_arch = "x86"))
        && cfg!(any(target_os = "linux", windows));
    if !exists_here {
        return Err(Fault::refused(
            "the vendor's SDK exists for Linux and Windows on x86 only: leave --vendor-sdk out",
        ));
    }
    let file = if path.is_dir() { path.join(FILE_NAME) } else { path.to_owned() };
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    if loaded.as_ref().is_none_or(|loaded| loaded.path != file) {
        *loaded = None;
        *loaded = Some(Loaded::open(&file)?);
    }
    Ok(Sdk { loaded })
}

impl Loaded {
    #[expect(unsafe_code, reason = "loading a foreign library that the user named")]
    fn open(path: &Path) -> Result<Self, Fault> {
        let unsuitable = |error: &libloading::Error| {
            // The system's own words are the error's source.
            let cause = std::error::Error::source(error).map(|cause| format!(": {cause}"));
            Fault::refused(format!(
                "the vendor SDK {} cannot be used: {error}{}; name DJI's {FILE_NAME} or leave \
                 --vendor-sdk out",
                path.display(),
                cause.unwrap_or_default()
            ))
        };
        // SAFETY: loading runs the library's initialisers; the user vouches for the library that
        // they name on the command line.
        let library = unsafe { Library::new(path) }.map_err(|error| unsuitable(&error))?;
        macro_rules! function {
            ($name:literal) => {
                // SAFETY: the field that takes it has the type that the header of the SDK gives
                // this function; it is kept beside the library and never used after it.
                *unsafe { library.get(concat!($name, "\0")) }.map_err(|error| unsuitable(&error))?
            };
        }
        Ok(Self {
            create: function!("dirp_create_from_rjpeg"),
            destroy: function!("dirp_destroy"),
            resolution: function!("dirp_get_rjpeg_resolution"),
            parameters: function!("dirp_get_measurement_params"),
            set_parameters: function!("dirp_set_measurement_params"),
            measure: function!("dirp_measure_ex"),
            path: path.to_owned(),
            _library: library,
        })
    }
}

impl Sdk {
    /// Opens a file. `plug_in` is the part of the library that decodes it, where a missing one
    /// makes the library crash instead of saying so.
    #[expect(unsafe_code, reason = "a call into the vendor's library")]
    pub(super) fn open<'a>(
        &'a mut self,
        bytes: &'a [u8],
        plug_in: Option<&str>,
    ) -> Result<OpenFile<'a>, Fault> {
        let sdk = self.loaded.as_ref();
        let sdk = sdk.ok_or_else(|| Fault::refused("the vendor SDK is not loaded"))?;
        if let Some(plug_in) = plug_in {
            refuse_without(plug_in, &sdk.path)?;
        }
        let length = i32::try_from(bytes.len())
            .map_err(|_| Fault::refused("longer than the 2 GB that the vendor SDK takes"))?;
        let mut handle: Handle = std::ptr::null_mut();
        // SAFETY: `length` is the bytes' own, they are borrowed for as long as the handle lives,
        // and `handle` is a place for one pointer.
        let code = unsafe { (sdk.create)(bytes.as_ptr(), length, &raw mut handle) };
        accepted(code, "open the file")?;
        if handle.is_null() {
            return Err(Fault::refused("the vendor SDK opened the file but gave no handle"));
        }
        Ok(OpenFile { sdk, handle, _bytes: bytes })
    }
}

impl OpenFile<'_> {
    /// Columns and rows.
    #[expect(unsafe_code, reason = "a call into the vendor's library")]
    pub(super) fn size(&self) -> Result<(u32, u32), Fault> {
        let mut resolution = Resolution::default();
        // SAFETY: the handle is open and the structure has the header's layout.
        let code = unsafe { (self.sdk.resolution)(self.handle, &raw mut resolution) };
        accepted(code, "tell the frame's size")?;
        let side = |pixels: i32| u32::try_from(pixels).unwrap_or(0);
        let (width, height) = (side(resolution.width), side(resolution.height));
        fault::pixels(width, height, 0).map(|_| (width, height))
    }

    /// The parameters that a measurement would use now.
    #[expect(unsafe_code, reason = "a call into the vendor's library")]
    pub(super) fn parameters(&self) -> Result<MeasurementParameters, Fault> {
        let mut parameters = MeasurementParameters {
            distance_m: f32::NAN,
            humidity_percent: f32::NAN,
            emissivity: f32::NAN,
            reflected_c: f32::NAN,
            ambient_c: f32::NAN,
        };
        // SAFETY: the handle is open; the structure is the newest and longest of the header's, so
        // an older library fills its first four numbers.
        let code = unsafe { (self.sdk.parameters)(self.handle, &raw mut parameters) };
        accepted(code, "tell its parameters").map(|()| parameters)
    }

    /// Sets the parameters.
    #[expect(unsafe_code, reason = "a call into the vendor's library")]
    pub(super) fn set_parameters(&mut self, wanted: &MeasurementParameters) -> Result<(), Fault> {
        // SAFETY: as in `parameters`; the library only reads.
        let code = unsafe { (self.sdk.set_parameters)(self.handle, &raw const *wanted) };
        accepted(code, "take these parameters")
    }

    /// Degrees Celsius of a frame of that many pixels.
    #[expect(unsafe_code, reason = "a call into the vendor's library")]
    pub(super) fn celsius(&mut self, (width, height): (u32, u32)) -> Result<Vec<f32>, Fault> {
        let pixels = fault::pixels(width, height, 0)?;
        let mut celsius = vec![f32::NAN; pixels];
        let length = i32::try_from(size_of_val(celsius.as_slice()))
            .map_err(|_| Fault::refused("a frame beyond what the vendor SDK takes"))?;
        // SAFETY: the handle is open, and the buffer holds `length` bytes.
        let code = unsafe { (self.sdk.measure)(self.handle, celsius.as_mut_ptr(), length) };
        accepted(code, "measure").map(|()| celsius)
    }
}

impl Drop for OpenFile<'_> {
    #[expect(unsafe_code, reason = "a call into the vendor's library")]
    fn drop(&mut self) {
        // SAFETY: the handle is open and not used again. There is nobody to tell of a failure.
        let _ = unsafe { (self.sdk.destroy)(self.handle) };
    }
}

/// 0 is the header's code for success; all others are negative.
fn accepted(code: i32, what: &str) -> Result<(), Fault> {
    if code == 0 {
        return Ok(());
    }
    Err(Fault::refused(format!(
        "the vendor SDK would not {what} (its code {code}): leave --vendor-sdk out to \
         decode natively"
    )))
}

/// Refuses where the library would not find a plug-in: it looks in the library path and in the
/// working directory, not beside itself.
fn refuse_without(plug_in: &str, library: &Path) -> Result<(), Fault> {
    let folder = library.parent().and_then(|folder| folder.canonicalize().ok());
    let file = format!("{plug_in}{}", if cfg!(windows) { ".dll" } else { ".so" });
    let searched = std::env::var_os(if cfg!(windows) { "PATH" } else { "LD_LIBRARY_PATH" });
    let found = std::env::split_paths(&searched.unwrap_or_default())
        .chain(std::env::current_dir())
        .filter(|path| !path.as_os_str().is_empty())
        .any(|path| path.join(&file).exists());
    if found {
        return Ok(());
    }
    Err(Fault::refused(format!(
        "the vendor SDK finds its part {file} only in the library path or the working directory, \
         and crashes without: put {} on {}, or leave --vendor-sdk out",
        folder.as_deref().unwrap_or(library).display(),
        if cfg!(windows) { "PATH" } else { "LD_LIBRARY_PATH" }
    )))
}
