//! Layouts: commands.

use super::super::number::CommandResult;
use super::layout::layouts;

layouts! {
    /// A command with a place in whole numbers.
    CommandInt = 75 {
        param1: f32,
        param2: f32,
        param3: f32,
        param4: f32,
        x: i32,
        y: i32,
        z: f32,
        command: u16,
        target_system: u8,
        target_component: u8,
        frame: u8,
        current: u8,
        autocontinue: u8,
    }
    /// A command.
    CommandLong = 76 {
        param1: f32,
        param2: f32,
        param3: f32,
        param4: f32,
        param5: f32,
        param6: f32,
        param7: f32,
        command: u16,
        target_system: u8,
        target_component: u8,
        confirmation: u8,
    }
    /// What became of a command.
    CommandAck = 77 {
        command: u16,
        result: CommandResult,
    } + {
        progress: u8,
        result_param2: i32,
        target_system: u8,
        target_component: u8,
    }
    /// A command is taken back.
    CommandCancel = 80 {
        command: u16,
        target_system: u8,
        target_component: u8,
    }
}
