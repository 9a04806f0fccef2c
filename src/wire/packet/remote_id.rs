//! Layouts: Remote ID (ASTM F3411, ASD-STAN 4709-002).

use super::layout::layouts;

layouts! {
    /// Who the aircraft is.
    OpenDroneIdBasicId = 12900 {
        target_system: u8,
        target_component: u8,
        id_or_mac: [u8; 20],
        id_type: u8,
        ua_type: u8,
        uas_id: [u8; 20],
    }
    /// Where it is.
    OpenDroneIdLocation = 12901 {
        latitude_e7: i32,
        longitude_e7: i32,
        altitude_barometric_m: f32,
        altitude_geodetic_m: f32,
        height_m: f32,
        timestamp_s: f32,
        direction_cdeg: u16,
        speed_horizontal_cm_s: u16,
        speed_vertical_cm_s: i16,
        target_system: u8,
        target_component: u8,
        id_or_mac: [u8; 20],
        status: u8,
        height_reference: u8,
        horizontal_accuracy: u8,
        vertical_accuracy: u8,
        barometer_accuracy: u8,
        speed_accuracy: u8,
        timestamp_accuracy: u8,
    }
    /// Proof of who it is.
    OpenDroneIdAuthentication = 12902 {
        timestamp_s: u32,
        target_system: u8,
        target_component: u8,
        id_or_mac: [u8; 20],
        authentication_type: u8,
        data_page: u8,
        last_page_index: u8,
        length: u8,
        authentication_data: [u8; 23],
    }
    /// What it does, in words.
    OpenDroneIdSelfId = 12903 {
        target_system: u8,
        target_component: u8,
        id_or_mac: [u8; 20],
        description_type: u8,
        description: [u8; 23],
    }
    /// Where its operator is.
    OpenDroneIdSystem = 12904 {
        operator_latitude_e7: i32,
        operator_longitude_e7: i32,
        area_ceiling_m: f32,
        area_floor_m: f32,
        operator_altitude_geo_m: f32,
        timestamp_s: u32,
        area_count: u16,
        area_radius_m: u16,
        target_system: u8,
        target_component: u8,
        id_or_mac: [u8; 20],
        operator_location_type: u8,
        classification_type: u8,
        category_eu: u8,
        class_eu: u8,
    }
    /// Who its operator is.
    OpenDroneIdOperatorId = 12905 {
        target_system: u8,
        target_component: u8,
        id_or_mac: [u8; 20],
        operator_id_type: u8,
        operator_id: [u8; 20],
    }
    /// Several of these in one.
    OpenDroneIdMessagePack = 12915 {
        target_system: u8,
        target_component: u8,
        id_or_mac: [u8; 20],
        single_message_size: u8,
        msg_pack_size: u8,
        messages: [u8; 225],
    }
    /// Whether its transmitter lets it arm.
    OpenDroneIdArmStatus = 12918 {
        status: u8,
        error: [u8; 50],
    }
    /// Where its operator is now.
    OpenDroneIdSystemUpdate = 12919 {
        operator_latitude_e7: i32,
        operator_longitude_e7: i32,
        operator_altitude_geo_m: f32,
        timestamp_s: u32,
        target_system: u8,
        target_component: u8,
    }
}
