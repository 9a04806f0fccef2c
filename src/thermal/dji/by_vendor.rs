//! Any family by the vendor's own decoder, where the user named it.

use std::path::Path;

use super::super::decoded::Decoded;
use super::super::fault::Fault;
use super::super::vendor_sdk::{self, MeasurementParameters};
use super::super::{CameraIdentity, Format, ReadOptions, Samples, Thermogram};
use super::conditions::{Condition, Conditions, Otherwise, decimal};

/// Temperatures from the library at a path.
pub(super) fn decode(
    bytes: &[u8],
    format: Format,
    options: &ReadOptions,
    library: &Path,
) -> Result<Decoded, Fault> {
    let mut conditions = Conditions::new(&options.overrides)?;
    let mut sdk = vendor_sdk::load(library)?;
    // Without this part the library crashes instead of answering.
    let plug_in = (format == Format::DjiHirp).then_some("libv_hirp");
    let mut file = sdk.open(bytes, plug_in)?;
    let size = file.size()?;
    let stored = file.parameters()?;
    let wanted = wanted(&mut conditions, format, &stored)?;
    if wanted != stored && conditions.any_said() {
        file.set_parameters(&wanted)?;
        let used = file.parameters()?;
        // The library takes an ambient temperature and drops it where the camera has no use for it.
        let (asked, got) = (wanted.ambient_c, used.ambient_c);
        if !asked.is_nan() && (asked - got).abs() > 1e-3 {
            conditions.note_ignored(Condition::Ambient);
        }
    }
    let celsius = file.celsius(size)?;
    let (mut parameters, warnings) = conditions.finish();
    parameters.decoded_by_vendor_sdk = true;
    let thermogram = Thermogram::new(size.0, size.1, Samples::Celsius(celsius), None);
    Ok(Decoded {
        format,
        thermogram: thermogram.ok_or_else(|| Fault::refused("the vendor SDK gave no frame"))?,
        parameters,
        camera: CameraIdentity::default(),
        taken_at: None,
        position: None,
        altitude_m: None,
        warnings,
    })
}

/// The library's parameters with the user's in their place.
fn wanted(
    conditions: &mut Conditions<'_>,
    format: Format,
    stored: &MeasurementParameters,
) -> Result<MeasurementParameters, Fault> {
    let otherwise = |value: f32| {
        if matches!(format, Format::DjiH20t | Format::DjiXts) {
            Otherwise::Vendor(decimal(value))
        } else {
            Otherwise::File(decimal(value))
        }
    };
    let mut choose = |condition, value| {
        conditions.choose(condition, otherwise(value)).map(|chosen| chosen as f32)
    };
    let mut wanted = MeasurementParameters {
        emissivity: choose(Condition::Emissivity, stored.emissivity)?,
        distance_m: choose(Condition::Distance, stored.distance_m)?,
        humidity_percent: choose(Condition::Humidity, stored.humidity_percent)?,
        reflected_c: choose(Condition::Reflected, stored.reflected_c)?,
        ambient_c: stored.ambient_c,
    };
    if stored.ambient_c.is_nan() {
        conditions.ignore(Condition::Ambient); // a library before 1.8
    } else {
        wanted.ambient_c =
            conditions.choose(Condition::Ambient, otherwise(stored.ambient_c))? as f32;
    }
    Ok(wanted)
}

#[cfg(test)]
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "x86")))]
mod tests {
    use std::path::PathBuf;
    use std::process::Command;

    use super::super::super::{Overrides, ParameterSource, jpeg};
    use super::super::made::{Iirp, parameter};
    use super::*;

    /// A stand-in for the vendor's library: 4 x 2 pixels whose temperatures tell its parameters.
    const STAND_IN: &str = r#"
        #include <stdint.h>
        #include <stdlib.h>
        #include <string.h>
        #ifdef OLD
        #define PARAMETERS 4
        #else
        #define PARAMETERS 5
        #endif
        typedef struct { float p[PARAMETERS]; } file_t;
        static int open_files;

        int32_t dirp_create_from_rjpeg(const uint8_t *bytes, int32_t size, void **handle) {
            const float stored[5] = {5, 50, 0.95f, 25, 24};
            file_t *file;
            if (size < 100 || bytes[0] != 0xFF || bytes[1] != 0xD8) return -7;
            if (__atomic_fetch_add(&open_files, 1, __ATOMIC_SEQ_CST) != 0) return -99;
            file = malloc(sizeof *file);
            memcpy(file->p, stored, sizeof file->p);
            *handle = file;
            return 0;
        }
        int32_t dirp_destroy(void *handle) {
            free(handle);
            __atomic_fetch_sub(&open_files, 1, __ATOMIC_SEQ_CST);
            return 0;
        }
        int32_t dirp_get_rjpeg_resolution(void *handle, int32_t *size) {
            size[0] = 4; size[1] = 2;
            return handle ? 0 : -9;
        }
        int32_t dirp_get_measurement_params(void *handle, float *p) {
            memcpy(p, ((file_t *)handle)->p, sizeof(float) * PARAMETERS);
            return 0;
        }
        #ifndef INCOMPLETE
        int32_t dirp_set_measurement_params(void *handle, const float *p) {
            if (p[0] > 25) return -3;
            memcpy(((file_t *)handle)->p, p, sizeof(float) * 4); /* ambient is dropped */
            return 0;
        }
        #endif
        int32_t dirp_measure_ex(void *handle, float *celsius, int32_t size) {
            const float *p = ((file_t *)handle)->p;
            int32_t i;
            if (size != 32) return -8;
            for (i = 0; i < 8; i++) celsius[i] = (float)i + 100 * p[0] + p[1] + p[2] + p[3] / 1000;
            return 0;
        }
    "#;

    /// Builds the stand-in; `None` where there is no C compiler.
    fn stand_in(folder: &Path, switch: &str) -> Option<PathBuf> {
        let source = folder.join("stand_in.c");
        std::fs::write(&source, STAND_IN).unwrap();
        let library = folder.join("libdirp.so");
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-w", switch, "-o"])
            .args([&library, &source])
            .status()
            .ok()?;
        assert!(built.success());
        Some(library)
    }

    fn decode_by(library: &Path, bytes: &[u8], overrides: Overrides) -> Result<Decoded, Fault> {
        let vendor_sdk = Some(library.to_owned());
        let options = ReadOptions { overrides, vendor_sdk, ..ReadOptions::default() };
        super::super::decode_jpeg(bytes, &jpeg::segments(bytes), &options).unwrap()
    }

    fn reason(result: Result<Decoded, Fault>) -> String {
        match result {
            Err(Fault::Refused(reason)) => reason,
            other => unreachable!("{other:?}"),
        }
    }

    #[test]
    fn the_named_library_decodes_with_the_users_parameters() {
        let folder = tempfile::tempdir().unwrap();
        let Some(library) = stand_in(folder.path(), "-DNEW") else { return };
        let bytes = Iirp::default().bytes();
        let decoded = decode_by(&library, &bytes, Overrides::default()).unwrap();
        assert!(decoded.parameters.decoded_by_vendor_sdk);
        assert_eq!((decoded.thermogram.width(), decoded.thermogram.height()), (4, 2));
        let Samples::Celsius(celsius) = decoded.thermogram.samples() else { unreachable!() };
        assert!((celsius[7] - (7.0 + 500.0 + 50.0 + 0.95 + 0.025)).abs() < 1e-3, "{celsius:?}");
        let file = |value| Some((value, ParameterSource::File));
        assert_eq!(parameter(&decoded, "emissivity"), file(0.95));
        assert_eq!(parameter(&decoded, "ambient_c"), file(24.0));

        // The folder is as good as the file.
        let overrides = Overrides {
            emissivity: Some(0.8),
            distance_m: Some(10.0),
            ambient_c: Some(5.0),
            ..Overrides::default()
        };
        let decoded = decode_by(folder.path(), &bytes, overrides).unwrap();
        assert!((decoded.thermogram.celsius()[0] - 1050.825).abs() < 1e-3);
        let source = |name| parameter(&decoded, name).map(|(_, source)| source);
        assert_eq!(source("distance_m"), Some(ParameterSource::User));
        assert_eq!(source("humidity_percent"), Some(ParameterSource::File));
        assert_eq!(source("ambient_c"), Some(ParameterSource::Ignored));

        let far = Overrides { distance_m: Some(30.0), ..Overrides::default() };
        let refused = reason(decode_by(&library, &bytes, far));
        assert!(refused.contains("code -3"), "{refused}");
        // What was refused is closed all the same: the stand-in takes one file at a time.
        assert!(decode_by(&library, &bytes, Overrides::default()).is_ok());
    }

    #[test]
    fn an_older_library_has_no_ambient_temperature() {
        let folder = tempfile::tempdir().unwrap();
        let Some(library) = stand_in(folder.path(), "-DOLD") else { return };
        let overrides = Overrides { ambient_c: Some(5.0), ..Overrides::default() };
        let decoded = decode_by(&library, &Iirp::default().bytes(), overrides).unwrap();
        assert_eq!(parameter(&decoded, "ambient_c"), Some((5.0, ParameterSource::Ignored)));
    }

    #[test]
    fn files_go_through_the_library_one_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let Some(library) = stand_in(folder.path(), "-DNEW") else { return };
        let bytes = Iirp::default().bytes();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        decode_by(&library, &bytes, Overrides::default()).unwrap();
                    }
                });
            }
        });
    }

    #[test]
    fn a_library_that_will_not_do_is_said_so() {
        let folder = tempfile::tempdir().unwrap();
        let bytes = Iirp::default().bytes();
        let missing = folder.path().join("nothing.so");
        let refused = reason(decode_by(&missing, &bytes, Overrides::default()));
        assert!(refused.contains("nothing.so") && refused.contains("cannot be used"), "{refused}");
        let text = folder.path().join("text.so");
        std::fs::write(&text, "no library").unwrap();
        let refused = reason(decode_by(&text, &bytes, Overrides::default()));
        assert!(refused.contains("text.so"), "{refused}");
        let Some(library) = stand_in(folder.path(), "-DINCOMPLETE") else { return };
        let refused = reason(decode_by(&library, &bytes, Overrides::default()));
        assert!(refused.contains("dirp_set_measurement_params"), "{refused}");
        // A hirp file makes the real library crash where its part for it is not found.
        let complete = tempfile::tempdir().unwrap();
        let Some(library) = stand_in(complete.path(), "-DNEW") else { return };
        let hirp = Iirp { tag: b"hirp", ..Iirp::default() }.bytes();
        let refused = reason(decode_by(&library, &hirp, Overrides::default()));
        assert!(refused.contains("libv_hirp.so"), "{refused}");
    }
}
