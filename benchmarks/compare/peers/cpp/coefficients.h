// Written by fit.py; do not edit. Coefficients from the constant one up.
#pragma once

// Largest relative error of the exact polynomials: 3.1e-09
constexpr float EXP[] = {4.999999345e-01f, 1.666652069e-01f, 4.166838736e-02f, 8.368709828e-03f, 1.381461313e-03f};
// Largest relative error of the exact polynomials: 7.3e-10
constexpr float LOG[] = {3.333331044e-01f, -2.499998662e-01f, 2.000222670e-01f, -1.666924958e-01f, 1.421865565e-01f, -1.238436845e-01f, 1.187301292e-01f, -1.178970509e-01f, 6.915165615e-02f};
// Largest relative error of the exact polynomials: 6.6e-09
constexpr float TANH_TOP[] = {9.999999934e-01f, 1.308400921e-01f, 3.103955267e-03f, 1.115429950e-05f, -2.022519652e-08f, 5.277937469e-11f, -8.488689409e-14f};
constexpr float TANH_BOTTOM[] = {1.000000000e+00f, 4.641733631e-01f, 2.449517451e-02f, 2.546143910e-04f};
// Largest relative error of the exact polynomials: 6.5e-08
constexpr float ERF_TOP[] = {1.128379094e+00f, 2.071270653e-01f, 5.152512625e-02f, 3.990644269e-03f, 1.472879020e-04f, -1.942313590e-06f, 1.911079046e-08f};
constexpr float ERF_BOTTOM[] = {1.000000000e+00f, 5.168928299e-01f, 1.179714995e-01f, 1.495822247e-02f, 1.021128943e-03f};
