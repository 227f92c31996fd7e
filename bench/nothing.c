/* nothing.c: a program that does nothing: what starting one costs.
 *
 * SPDX-License-Identifier: MIT
 */
int main(void)
{
    return 0;
}
