//! The words of a preflight sheet in each language.

use super::sheet::Language;

macro_rules! words {
    ($($name:ident: $dutch:literal, $english:literal;)*) => {
        pub(super) struct Words {
            $( pub(super) $name: &'static str, )*
        }

        const DUTCH: Words = Words { $( $name: $dutch, )* };
        const ENGLISH: Words = Words { $( $name: $english, )* };
    };
}

words! {
    tag: "nl", "en";
    title: "Vluchtblad", "Preflight sheet";
    purpose: "Doel", "Purpose";
    legal_basis: "Grondslag", "Legal basis";
    case_number: "Zaaknummer", "Case number";
    period: "Periode", "Period";
    when: "Begin van de vlucht (UTC)", "Flight begins (UTC)";
    not_told: "niet opgegeven", "not told";
    pictures: "Opnamen", "Pictures";
    camera: "Camera", "Camera";
    distance: "Afstand tot het oppervlak", "Distance to the surface";
    gsd: "Grondpixel", "Ground a pixel covers";
    speed: "Snelheid", "Speed";
    by_blur: "begrensd door bewegingsonscherpte", "limited by blur";
    by_interval: "begrensd door het interval van de camera", "limited by the camera's interval";
    by_vehicle: "begrensd door het toestel", "limited by the vehicle";
    interval: "Van opname tot opname", "From picture to picture";
    coverage: "Dekking", "Coverage";
    overlap_front: "Kleinste overlap in vliegrichting", "Least overlap ahead";
    overlap_side: "Kleinste overlap opzij", "Least overlap aside";
    sorties: "Vluchten", "Sorties";
    takeoff: "Startplaats (breedte, lengte)", "Take-off (lat, lon)";
    photos: "Opnamen", "Pictures";
    length: "Lengte", "Length";
    time: "Tijd", "Time";
    battery: "Accu", "Battery";
    violations: "Overtredingen", "Violations";
    no_violations:
        "Geen: elk vluchtdeel is getoetst aan zones, hek, hoogte, vrije ruimte en zicht.",
        "None: every leg was checked against zones, fence, height, clearance and range.";
    notes: "Aandachtspunten", "To be known";
    suitability: "Geschiktheid voor thermografie", "Suitability for thermography";
    rule: "Regel", "Rule";
    figure: "Waarde", "Figure";
    limit: "Grens", "Limit";
    verdict: "Oordeel", "Verdict";
    passed: "voldoet", "pass";
    failed: "voldoet niet", "fail";
    not_known: "niet bekend", "not known";
    wind: "Wind, ten hoogste", "Wind, at most";
    dry: "Droog sinds, ten minste", "Dry for, at least";
    inside_outside: "Verschil binnen en buiten, ten minste", "Inside to outside, at least";
    sun_gone: "Geen zon sinds, ten minste", "No sun for, at least";
    irradiance: "Instraling in het modulevlak, ten minste",
        "Irradiance in the module's plane, at least";
    snow: "Sneeuw (0 is geen)", "Snow (0 is none)";
    glint: "Spiegelbeeld van de zon uit het loodrechte, ten minste",
        "The sun's mirror image off straight down, at least";
    crew: "Bemanning", "Crew";
    pilot: "Piloot", "Pilot";
    observer: "Waarnemer", "Observer";
    thermographer: "Thermograaf", "Thermographer";
    emergency: "Noodnummer", "Emergency number";
    signature: "Handtekening", "Signature";
}

pub(super) fn words(language: Language) -> &'static Words {
    match language {
        Language::Dutch => &DUTCH,
        Language::English => &ENGLISH,
    }
}
