//! Layouts: how a vehicle is, and where.

use super::layout::layouts;

layouts! {
    /// Somebody is there.
    Heartbeat = 0 {
        custom_mode: u32,
        kind: u8,
        autopilot: u8,
        base_mode: u8,
        system_status: u8,
        version: u8,
    }
    /// Sensors, load and battery at a glance.
    SysStatus = 1 {
        onboard_control_sensors_present: u32,
        onboard_control_sensors_enabled: u32,
        onboard_control_sensors_health: u32,
        load_dpct: u16,
        voltage_battery_mv: u16,
        current_battery_ca: i16,
        drop_rate_comm_cpct: u16,
        errors_comm: u16,
        errors_count1: u16,
        errors_count2: u16,
        errors_count3: u16,
        errors_count4: u16,
        battery_remaining_pct: i8,
    } + {
        onboard_control_sensors_present_extended: u32,
        onboard_control_sensors_enabled_extended: u32,
        onboard_control_sensors_health_extended: u32,
    }
    /// UTC and time since boot.
    SystemTime = 2 {
        unix_us: u64,
        boot_ms: u32,
    }
    /// A mode is asked for, the old way.
    SetMode = 11 {
        custom_mode: u32,
        target_system: u8,
        base_mode: u8,
    }
    /// The first receiver.
    GpsRawInt = 24 {
        time_us: u64,
        lat_e7: i32,
        lon_e7: i32,
        alt_mm: i32,
        eph: u16,
        epv: u16,
        vel_cm_s: u16,
        cog_cdeg: u16,
        fix_type: u8,
        satellites_visible: u8,
    } + {
        alt_ellipsoid_mm: i32,
        h_acc_mm: u32,
        v_acc_mm: u32,
        vel_acc_mm_s: u32,
        hdg_acc_e5: u32,
        yaw_cdeg: u16,
    }
    /// How the vehicle stands, as angles.
    Attitude = 30 {
        boot_ms: u32,
        roll_rad: f32,
        pitch_rad: f32,
        yaw_rad: f32,
        rollspeed_rad_s: f32,
        pitchspeed_rad_s: f32,
        yawspeed_rad_s: f32,
    }
    /// How the vehicle stands, as a quaternion.
    AttitudeQuaternion = 31 {
        boot_ms: u32,
        q1: f32,
        q2: f32,
        q3: f32,
        q4: f32,
        rollspeed_rad_s: f32,
        pitchspeed_rad_s: f32,
        yawspeed_rad_s: f32,
    } + {
        repr_offset_q: [f32; 4],
    }
    /// Where it is from its origin.
    LocalPositionNed = 32 {
        boot_ms: u32,
        x_m: f32,
        y_m: f32,
        z_m: f32,
        vx_m_s: f32,
        vy_m_s: f32,
        vz_m_s: f32,
    }
    /// Where it is on Earth.
    GlobalPositionInt = 33 {
        boot_ms: u32,
        lat_e7: i32,
        lon_e7: i32,
        alt_mm: i32,
        relative_alt_mm: i32,
        vx_cm_s: i16,
        vy_cm_s: i16,
        vz_cm_s: i16,
        hdg_cdeg: u16,
    }
    /// Where its local origin is.
    GpsGlobalOrigin = 49 {
        latitude_e7: i32,
        longitude_e7: i32,
        altitude_mm: i32,
    } + {
        time_us: u64,
    }
    /// What the navigation wants.
    NavControllerOutput = 62 {
        nav_roll_deg: f32,
        nav_pitch_deg: f32,
        alt_error_m: f32,
        aspd_error_m_s: f32,
        xtrack_error_m: f32,
        nav_bearing_deg: i16,
        target_bearing_deg: i16,
        wp_dist_m: u16,
    }
    /// What a head-up display shows.
    VfrHud = 74 {
        airspeed_m_s: f32,
        groundspeed_m_s: f32,
        alt_m: f32,
        climb_m_s: f32,
        heading_deg: i16,
        throttle_pct: u16,
    }
    /// The second receiver.
    Gps2Raw = 124 {
        time_us: u64,
        lat_e7: i32,
        lon_e7: i32,
        alt_mm: i32,
        dgps_age_ms: u32,
        eph: u16,
        epv: u16,
        vel_cm_s: u16,
        cog_cdeg: u16,
        fix_type: u8,
        satellites_visible: u8,
        dgps_numch: u8,
    } + {
        yaw_cdeg: u16,
        alt_ellipsoid_mm: i32,
        h_acc_mm: u32,
        v_acc_mm: u32,
        vel_acc_mm_s: u32,
        hdg_acc_e5: u32,
    }
    /// One battery.
    BatteryStatus = 147 {
        current_consumed_mah: i32,
        energy_consumed_hj: i32,
        temperature_cc: i16,
        voltages_mv: [u16; 10],
        current_battery_ca: i16,
        id: u8,
        battery_function: u8,
        kind: u8,
        battery_remaining_pct: i8,
    } + {
        time_remaining_s: i32,
        charge_state: u8,
        voltages_ext_mv: [u16; 4],
        mode: u8,
        fault_bitmask: u32,
    }
    /// What the autopilot is and can do.
    AutopilotVersion = 148 {
        capabilities: u64,
        uid: u64,
        flight_sw_version: u32,
        middleware_sw_version: u32,
        os_sw_version: u32,
        board_version: u32,
        vendor_id: u16,
        product_id: u16,
        flight_custom_version: [u8; 8],
        middleware_custom_version: [u8; 8],
        os_custom_version: [u8; 8],
    } + {
        uid2: [u8; 18],
    }
    /// Whether the fence is breached.
    FenceStatus = 162 {
        breach_time_ms: u32,
        breach_count: u16,
        breach_status: u8,
        breach_type: u8,
    } + {
        breach_mitigation: u8,
    }
    /// Wind as ArduPilot estimates it.
    Wind = 168 {
        direction_deg: f32,
        speed_m_s: f32,
        speed_z_m_s: f32,
    }
    /// Health of the estimator of ArduPilot.
    EkfStatusReport = 193 {
        velocity_variance: f32,
        pos_horiz_variance: f32,
        pos_vert_variance: f32,
        compass_variance: f32,
        terrain_alt_variance: f32,
        flags: u16,
    } + {
        airspeed_variance: f32,
    }
    /// Health of the estimator of PX4.
    EstimatorStatus = 230 {
        time_us: u64,
        vel_ratio: f32,
        pos_horiz_ratio: f32,
        pos_vert_ratio: f32,
        mag_ratio: f32,
        hagl_ratio: f32,
        tas_ratio: f32,
        pos_horiz_accuracy_m: f32,
        pos_vert_accuracy_m: f32,
        flags: u16,
    }
    /// Where home is.
    HomePosition = 242 {
        latitude_e7: i32,
        longitude_e7: i32,
        altitude_mm: i32,
        x_m: f32,
        y_m: f32,
        z_m: f32,
        q: [f32; 4],
        approach_x_m: f32,
        approach_y_m: f32,
        approach_z_m: f32,
    } + {
        time_us: u64,
    }
    /// Whether it is on the ground.
    ExtendedSysState = 245 {
        vtol_state: u8,
        landed_state: u8,
    }
    /// A sentence for people.
    Statustext = 253 {
        severity: u8,
        text: [u8; 50],
    } + {
        id: u16,
        chunk_seq: u8,
    }
    /// The mode in a form that all autopilots share.
    CurrentMode = 436 {
        custom_mode: u32,
        intended_custom_mode: u32,
        standard_mode: u8,
    }
}
