//! Layouts: parameters, the plain and the extended set.

use super::layout::layouts;

layouts! {
    /// One is asked for.
    ParamRequestRead = 20 {
        param_index: i16,
        target_system: u8,
        target_component: u8,
        param_id: [u8; 16],
    }
    /// All are asked for.
    ParamRequestList = 21 {
        target_system: u8,
        target_component: u8,
    }
    /// One, with its value.
    ParamValue = 22 {
        param_value: f32,
        param_count: u16,
        param_index: u16,
        param_id: [u8; 16],
        param_type: u8,
    }
    /// One is to be set.
    ParamSet = 23 {
        param_value: f32,
        target_system: u8,
        target_component: u8,
        param_id: [u8; 16],
        param_type: u8,
    }
    /// One of the extended set is asked for.
    ParamExtRequestRead = 320 {
        param_index: i16,
        target_system: u8,
        target_component: u8,
        param_id: [u8; 16],
    }
    /// All of the extended set are asked for.
    ParamExtRequestList = 321 {
        target_system: u8,
        target_component: u8,
    }
    /// One of the extended set, with its value.
    ParamExtValue = 322 {
        param_count: u16,
        param_index: u16,
        param_id: [u8; 16],
        param_value: [u8; 128],
        param_type: u8,
    }
    /// One of the extended set is to be set.
    ParamExtSet = 323 {
        target_system: u8,
        target_component: u8,
        param_id: [u8; 16],
        param_value: [u8; 128],
        param_type: u8,
    }
    /// What became of setting it.
    ParamExtAck = 324 {
        param_id: [u8; 16],
        param_value: [u8; 128],
        param_type: u8,
        param_result: u8,
    }
}
